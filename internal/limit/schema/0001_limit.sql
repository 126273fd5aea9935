-- +goose Up
-- A row per limited thing: when its bucket is empty again, in microseconds of
-- Unix time. key is a digest: who was limited cannot be read from it.
CREATE TABLE limit_bucket (
    key   TEXT PRIMARY KEY,
    empty BIGINT NOT NULL
);
CREATE INDEX limit_bucket_empty ON limit_bucket (empty);
