-- +goose Up
CREATE TABLE job_progress (
    job_id  BIGINT PRIMARY KEY,
    org_id  TEXT NOT NULL,
    done    BIGINT NOT NULL DEFAULT 0,
    total   BIGINT NOT NULL DEFAULT 0,
    note    TEXT NOT NULL DEFAULT '',
    failed  BOOLEAN NOT NULL DEFAULT FALSE, -- given up although attempts were left
    updated TEXT NOT NULL
);
CREATE TABLE job_every (
    name    TEXT PRIMARY KEY,
    next_at TEXT NOT NULL
);
CREATE TABLE job_node (
    id   TEXT PRIMARY KEY,
    seen TEXT NOT NULL
);
