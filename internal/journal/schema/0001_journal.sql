-- +goose Up
CREATE TABLE journal_head (
    org_id TEXT PRIMARY KEY, -- '' holds what concerns no organisation: accounts, installation
    seq    BIGINT NOT NULL,
    hash   BYTEA NOT NULL
);
CREATE TABLE journal_place (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    pos BIGINT NOT NULL
);
INSERT INTO journal_place (one, pos) VALUES (1, 0);
CREATE TABLE journal_entry (
    org_id     TEXT NOT NULL,
    seq        BIGINT NOT NULL,
    pos        BIGINT NOT NULL UNIQUE,
    at         TEXT NOT NULL,
    actor      TEXT NOT NULL,
    verb       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    commitment BYTEA NOT NULL,
    hash       BYTEA NOT NULL,
    salt       BYTEA, -- both NULL once the text was erased on request
    body       BYTEA,
    PRIMARY KEY (org_id, seq)
);
CREATE TABLE journal_follower (
    name TEXT PRIMARY KEY,
    pos  BIGINT NOT NULL
);
