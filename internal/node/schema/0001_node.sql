-- +goose Up
-- What all nodes of an installation must have alike, and the first one wrote down.
CREATE TABLE node_alike (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
