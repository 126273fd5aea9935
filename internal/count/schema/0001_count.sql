-- +goose Up
CREATE TABLE count_release (
    table_name TEXT PRIMARY KEY,
    made_at    TEXT NOT NULL,
    total      INTEGER NOT NULL -- blurred and rounded
);
CREATE TABLE count_cell (
    table_name TEXT NOT NULL REFERENCES count_release (table_name),
    dimension  TEXT NOT NULL,
    bin        INTEGER NOT NULL,
    n          INTEGER NOT NULL, -- blurred and rounded; -1 is hidden
    PRIMARY KEY (table_name, dimension, bin)
);
-- Which companies a release was made of, to know how many changed since.
CREATE TABLE count_part (
    table_name TEXT NOT NULL,
    org_id     TEXT NOT NULL,
    digest     BYTEA NOT NULL, -- of its bins, keyed
    PRIMARY KEY (table_name, org_id)
);
