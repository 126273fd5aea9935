-- +goose Up
CREATE TABLE auth_account (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    email     TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE, -- folded, for looking up
    language  TEXT NOT NULL,
    operator  BOOLEAN NOT NULL,
    created   TEXT NOT NULL
);
CREATE TABLE auth_passkey (
    id            TEXT PRIMARY KEY,
    account       TEXT NOT NULL REFERENCES auth_account (id),
    rp_id         TEXT NOT NULL, -- the host name it was made for; it works on no other
    credential_id BYTEA NOT NULL,
    record        BYTEA NOT NULL, -- the credential record of the WebAuthn library, as JSON
    name          TEXT NOT NULL,
    created       TEXT NOT NULL,
    last_used     TEXT,
    UNIQUE (rp_id, credential_id)
);
CREATE INDEX auth_passkey_account ON auth_passkey (account);
CREATE TABLE auth_password (
    account     TEXT PRIMARY KEY REFERENCES auth_account (id),
    hash        TEXT NOT NULL,  -- PHC string, argon2id
    totp_secret BYTEA NOT NULL, -- sealed with the installation key
    totp_step   BIGINT NOT NULL, -- the last step used; a code works once
    changed     TEXT NOT NULL
);
CREATE TABLE auth_recovery (
    hash    BYTEA PRIMARY KEY,
    account TEXT NOT NULL REFERENCES auth_account (id),
    created TEXT NOT NULL,
    used    TEXT
);
CREATE INDEX auth_recovery_account ON auth_recovery (account);
CREATE TABLE auth_session (
    hash       BYTEA PRIMARY KEY, -- SHA-256 of the token; the token itself is with the browser alone
    id         TEXT NOT NULL UNIQUE,
    account    TEXT NOT NULL REFERENCES auth_account (id),
    label      TEXT NOT NULL,
    created    TEXT NOT NULL,
    last_seen  TEXT NOT NULL,
    expires    TEXT NOT NULL,
    stepped_up TEXT NOT NULL,
    remembered BOOLEAN NOT NULL,
    opening    BOOLEAN NOT NULL -- begun by a one-time link, to set up a way to log in
);
CREATE INDEX auth_session_account ON auth_session (account);
CREATE TABLE auth_link (
    hash    BYTEA PRIMARY KEY,
    id      TEXT NOT NULL,
    purpose TEXT NOT NULL,
    account TEXT NOT NULL, -- '' where the link makes one
    expires TEXT NOT NULL,
    used    TEXT
);
CREATE TABLE auth_spent (
    id      TEXT PRIMARY KEY, -- of a sealed slip that works once
    expires TEXT NOT NULL
);
CREATE TABLE auth_token (
    hash      BYTEA PRIMARY KEY,
    id        TEXT NOT NULL UNIQUE,
    org_id    TEXT NOT NULL,
    account   TEXT NOT NULL REFERENCES auth_account (id), -- its maker
    role      TEXT NOT NULL, -- the most it may be
    may_write BOOLEAN NOT NULL,
    label     TEXT NOT NULL,
    created   TEXT NOT NULL,
    last_used TEXT,
    expires   TEXT NOT NULL,
    revoked   TEXT
);
CREATE INDEX auth_token_org ON auth_token (org_id, created);
