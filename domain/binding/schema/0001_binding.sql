-- +goose Up
-- A proof is asked for, in force from since, and kept after its end: who could
-- speak for the company when.
CREATE TABLE binding_proof (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('domain', 'letter', 'voucher', 'gbizid')),
  number TEXT, -- the 法人番号 for which it stands
  domain TEXT NOT NULL,
  body_id TEXT NOT NULL, -- organisation that sent the letter or vouched
  reason TEXT NOT NULL, -- of a voucher: how the body knows
  issuer TEXT NOT NULL,
  subject TEXT NOT NULL, -- of gBizID: with the issuer, who it was there
  made_by TEXT NOT NULL, -- account
  asked_at TEXT NOT NULL,
  since TEXT, -- NULL until it is shown
  checked_at TEXT, -- of a domain: the last time the record was there
  next_check TEXT,
  lost_at TEXT, -- of a domain: since when the record is not there
  ended_at TEXT,
  ended_by TEXT NOT NULL,
  ended_why TEXT NOT NULL
);
CREATE INDEX binding_proof_org ON binding_proof (org_id, asked_at, id);
CREATE INDEX binding_proof_body ON binding_proof (body_id, asked_at, id);
CREATE INDEX binding_proof_due ON binding_proof (next_check) WHERE ended_at IS NULL;

-- The organisation that holds a number: the first that was bound.
CREATE TABLE binding_holder (
  number TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  since TEXT NOT NULL
);
CREATE INDEX binding_holder_org ON binding_holder (org_id);

CREATE TABLE binding_code (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('voucher', 'body')),
  hash BYTEA NOT NULL UNIQUE,
  made_by TEXT NOT NULL,
  created TEXT NOT NULL,
  expires TEXT NOT NULL,
  used_at TEXT
);
CREATE INDEX binding_code_org ON binding_code (org_id, kind, created);

CREATE TABLE binding_body (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  since TEXT NOT NULL,
  allowed_by TEXT NOT NULL, -- operator's account
  ended_at TEXT,
  ended_by TEXT NOT NULL
);
CREATE UNIQUE INDEX binding_body_org ON binding_body (org_id) WHERE ended_at IS NULL;

CREATE TABLE binding_dispute (
  id TEXT PRIMARY KEY,
  number TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  choice TEXT NOT NULL, -- side that one operator chose; another must choose it too
  chosen_by TEXT NOT NULL,
  chosen_at TEXT,
  decided_at TEXT,
  decided_by TEXT NOT NULL, -- the second operator; '' when one withdrew
  outcome TEXT NOT NULL
);
CREATE UNIQUE INDEX binding_dispute_open ON binding_dispute (number) WHERE decided_at IS NULL;

CREATE TABLE binding_side (
  id TEXT PRIMARY KEY,
  dispute_id TEXT NOT NULL REFERENCES binding_dispute (id),
  org_id TEXT NOT NULL,
  number TEXT NOT NULL,
  frozen BOOLEAN NOT NULL,
  joined_at TEXT NOT NULL,
  words TEXT NOT NULL, -- what this side has to say
  words_at TEXT,
  closed_at TEXT,
  outcome TEXT NOT NULL, -- '', won, lost, withdrew, unshown
  UNIQUE (dispute_id, org_id)
);
CREATE INDEX binding_side_org ON binding_side (org_id, number);

CREATE TABLE binding_paper (
  id TEXT PRIMARY KEY,
  side_id TEXT NOT NULL REFERENCES binding_side (id),
  org_id TEXT NOT NULL,
  blob_id TEXT NOT NULL,
  uploaded_by TEXT NOT NULL,
  uploaded_at TEXT NOT NULL
);
CREATE INDEX binding_paper_side ON binding_paper (side_id, uploaded_at, id);
