-- +goose Up
-- A file that was read and waits for somebody to say yes or no.
CREATE TABLE exchange_intake (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  pack TEXT NOT NULL,
  file TEXT NOT NULL, -- its name
  made_by TEXT NOT NULL,
  created TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'applied', 'discarded')),
  lines TEXT NOT NULL, -- what was read, as JSON; '' once decided
  report TEXT NOT NULL, -- what became of it, as JSON; '' before
  decided_by TEXT NOT NULL,
  decided_at TEXT
);
CREATE INDEX exchange_intake_org ON exchange_intake (org_id, created, id);
CREATE INDEX exchange_intake_waiting ON exchange_intake (created) WHERE state = 'waiting';

-- How the own sheet of a customer is laid out.
CREATE TABLE exchange_layout (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  pack TEXT NOT NULL,
  customer TEXT NOT NULL,
  file TEXT NOT NULL,
  blob_id TEXT NOT NULL,
  shape TEXT NOT NULL, -- sheet, columns and words, as JSON
  made_by TEXT NOT NULL,
  created TEXT NOT NULL,
  changed TEXT NOT NULL
);
CREATE INDEX exchange_layout_org ON exchange_layout (org_id, created, id);

-- Everything of a company in one Excel, made in the background.
CREATE TABLE exchange_takeout (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  job_id BIGINT NOT NULL,
  blob_id TEXT NOT NULL, -- '' until it is made
  made_by TEXT NOT NULL,
  created TEXT NOT NULL
);
CREATE INDEX exchange_takeout_org ON exchange_takeout (org_id, created, id);
CREATE INDEX exchange_takeout_age ON exchange_takeout (created);

-- The official workbook that an operator loaded into this installation.
CREATE TABLE exchange_workbook (
  id TEXT PRIMARY KEY,
  pack TEXT NOT NULL,
  file TEXT NOT NULL,
  digest TEXT NOT NULL, -- SHA-256 in hexadecimal
  content BYTEA NOT NULL,
  shape TEXT NOT NULL,
  kept BOOLEAN NOT NULL, -- false while it waits for the operator's yes
  loaded_by TEXT NOT NULL,
  loaded_at TEXT NOT NULL
);
CREATE UNIQUE INDEX exchange_workbook_kept ON exchange_workbook (pack) WHERE kept;

CREATE TABLE exchange_wording (
  pack TEXT NOT NULL,
  item TEXT NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY (pack, item)
);
