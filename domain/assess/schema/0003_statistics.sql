-- +goose Up
-- Which companies let their numbers count in what is compared.
CREATE TABLE assess_statistics (
    org_id   TEXT PRIMARY KEY,
    since    TEXT NOT NULL,
    by_whom  TEXT NOT NULL, -- account
    ended_at TEXT
);
