-- +goose Up
-- Several people may share one address (info@). SQLite cannot drop the UNIQUE of
-- email_key, so that column now holds the address and the id, and says nothing.
ALTER TABLE auth_account ADD COLUMN address_key TEXT NOT NULL DEFAULT ''; -- folded, for looking up
ALTER TABLE auth_account ADD COLUMN confirmed TEXT; -- when the person showed that mail to the address arrives
-- Who is here already was invited by mail to the address, and keeps being written to.
UPDATE auth_account SET address_key = email_key, confirmed = created;
UPDATE auth_account SET email_key = address_key || ' ' || id;
CREATE INDEX auth_account_address ON auth_account (address_key);
CREATE TABLE auth_identity (
    id               TEXT PRIMARY KEY,
    account          TEXT NOT NULL REFERENCES auth_account (id),
    issuer           TEXT NOT NULL,
    subject          TEXT NOT NULL, -- with the issuer: who it is; never the address
    label            TEXT NOT NULL, -- what the provider calls the person, for recognising it in a list
    corporate_number TEXT NOT NULL, -- of the company that the provider says he acts for, or ''
    created          TEXT NOT NULL,
    last_used        TEXT,
    UNIQUE (issuer, subject)
);
CREATE INDEX auth_identity_account ON auth_identity (account);
CREATE TABLE auth_notice (
    id      TEXT PRIMARY KEY, -- all that the queue holds
    account TEXT NOT NULL REFERENCES auth_account (id),
    kind    TEXT NOT NULL,
    address TEXT NOT NULL, -- a former address that is told of the change; '' the present one
    created TEXT NOT NULL
);
