-- +goose Up
-- The sealed code of a company: its hash alone.
CREATE TABLE recovery_code (
  org_id TEXT PRIMARY KEY,
  hash BYTEA NOT NULL UNIQUE,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  slip BYTEA, -- hash of what stands for the code while its holder opens an account
  slip_until TEXT
);
-- Somebody who became or wants to become the owner.
CREATE TABLE recovery_case (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL, -- '' while no company is found: the answer does not tell
  way TEXT NOT NULL CHECK (way IN ('sealed', 'letter', 'gbizid')),
  number TEXT NOT NULL, -- the company's number as stated
  account TEXT NOT NULL,
  asked_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'notice', 'done', 'stopped', 'undone')),
  letter_hash BYTEA,
  sent_at TEXT, -- an operator said that the letter went out
  tries INTEGER NOT NULL DEFAULT 0,
  noticed_at TEXT,
  counted_day TEXT NOT NULL,
  counted INTEGER NOT NULL,
  done_at TEXT
);
CREATE INDEX recovery_case_org ON recovery_case (org_id, state);
CREATE INDEX recovery_case_account ON recovery_case (account, asked_at);
CREATE TABLE recovery_approval (
  case_id TEXT NOT NULL REFERENCES recovery_case (id),
  operator TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (case_id, operator)
);
-- Who owned the company when a case began: he may undo it, removed since or not.
CREATE TABLE recovery_owner (
  case_id TEXT NOT NULL REFERENCES recovery_case (id),
  account TEXT NOT NULL,
  PRIMARY KEY (case_id, account)
);
