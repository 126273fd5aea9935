-- +goose Up
CREATE TABLE blob_file (
    id      TEXT PRIMARY KEY,
    org_id  TEXT NOT NULL,
    key     TEXT NOT NULL, -- names the content on disk; equal content of one organisation shares it
    name    TEXT NOT NULL,
    size    BIGINT NOT NULL,
    type    TEXT NOT NULL,
    active  BOOLEAN NOT NULL,
    digest  BYTEA NOT NULL,
    created TEXT NOT NULL,
    actor   TEXT NOT NULL
);
CREATE INDEX blob_file_org ON blob_file (org_id, created, id);
CREATE INDEX blob_file_key ON blob_file (key);
