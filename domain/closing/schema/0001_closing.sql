-- +goose Up
-- What remains of a company that was closed: ids, times, and the digest of what
-- it took with it.
CREATE TABLE closing_case (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  asked_by TEXT NOT NULL, -- account
  asked_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'called-off', 'closing', 'closed')),
  counted_day TEXT NOT NULL, -- the last day that was counted, in Japan
  counted INTEGER NOT NULL,  -- days on which the service ran
  export_job BIGINT NOT NULL,
  export_digest BYTEA,
  export_size BIGINT NOT NULL,
  exported_at TEXT,
  final BOOLEAN NOT NULL, -- the export was made after the company could change no more
  closed_at TEXT
);
CREATE UNIQUE INDEX closing_case_open ON closing_case (org_id) WHERE state IN ('waiting', 'closing');
