-- +goose Up
-- What the staff of a circle know of a company that belongs to them. The tenant
-- is the operating organisation; the company itself is another one.
CREATE TABLE desk_case (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  circle_id TEXT NOT NULL,
  member_number TEXT, -- 会員番号 or 取引先コード
  kind TEXT NOT NULL CHECK (kind IN ('company', 'sole_proprietor', 'other')),
  name TEXT NOT NULL,
  kana TEXT NOT NULL,
  corporate_number TEXT,
  person TEXT NOT NULL,
  address TEXT NOT NULL,
  phone TEXT NOT NULL,
  email TEXT NOT NULL,
  note TEXT NOT NULL,
  company_id TEXT, -- the organisation, once opened by staff or claimed
  created TEXT NOT NULL,
  opened_at TEXT,
  claimed_at TEXT,
  signed_at TEXT, -- the printed result was signed before anybody claimed
  asked_at TEXT, -- the company wants to be called
  last_contact TEXT,
  next_date TEXT NOT NULL, -- day, as 2026-11-24; '' without a plan
  next_note TEXT NOT NULL,
  reminded_at TEXT,
  stopped_at TEXT -- no more reminders
);
CREATE UNIQUE INDEX desk_case_number ON desk_case (circle_id, member_number) WHERE member_number IS NOT NULL;
CREATE INDEX desk_case_circle ON desk_case (org_id, circle_id, kana, id);
CREATE INDEX desk_case_company ON desk_case (company_id) WHERE company_id IS NOT NULL;

-- The code of a letter is derived from the id; only its keyed hash lies here.
CREATE TABLE desk_letter (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  circle_id TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES desk_case (id),
  number TEXT NOT NULL UNIQUE,
  hash BYTEA NOT NULL,
  made_by TEXT NOT NULL,
  created TEXT NOT NULL,
  expires TEXT NOT NULL,
  tries BIGINT NOT NULL,
  used_at TEXT,
  used_by TEXT,
  revoked_at TEXT
);
CREATE INDEX desk_letter_case ON desk_letter (case_id, created);
CREATE INDEX desk_letter_circle ON desk_letter (org_id, circle_id, created);

CREATE TABLE desk_contact (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  circle_id TEXT NOT NULL,
  case_id TEXT NOT NULL REFERENCES desk_case (id),
  kind TEXT NOT NULL CHECK (kind IN ('phone', 'visit', 'mail', 'fax', 'note')),
  words TEXT NOT NULL,
  made_by TEXT NOT NULL,
  at TEXT NOT NULL
);
CREATE INDEX desk_contact_case ON desk_contact (case_id, at);
CREATE INDEX desk_contact_circle ON desk_contact (org_id, circle_id, at);

-- What a company lets the staff of a circle see and do. Here org_id is the company.
CREATE TABLE desk_consent (
  org_id TEXT NOT NULL,
  circle_id TEXT NOT NULL,
  desk_id TEXT NOT NULL, -- the operating organisation
  progress_at TEXT, -- since when they see how far the company is
  behalf_at TEXT, -- since when they may enter answers after the claim
  revoked_at TEXT, -- when both were withdrawn last
  PRIMARY KEY (org_id, circle_id)
);

-- How often staff looked at or entered something of a company. org_id is the company.
CREATE TABLE desk_look (
  org_id TEXT NOT NULL,
  circle_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('list', 'case', 'entry')),
  day TEXT NOT NULL,
  looks BIGINT NOT NULL,
  last_at TEXT NOT NULL,
  PRIMARY KEY (org_id, circle_id, account_id, kind, day)
);

-- Whom companies call: it stands on the letters of a circle.
CREATE TABLE desk_sender (
  circle_id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  section TEXT NOT NULL,
  phone TEXT NOT NULL
);
