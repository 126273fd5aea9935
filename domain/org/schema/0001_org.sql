-- +goose Up
CREATE TABLE org_organisation (
  id TEXT PRIMARY KEY,
  internal_number TEXT NOT NULL UNIQUE,
  created TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('company', 'sole_proprietor', 'other')),
  name TEXT NOT NULL,
  kana TEXT NOT NULL,
  trade_name TEXT NOT NULL,
  corporate_number TEXT,
  industry TEXT NOT NULL,
  trade TEXT NOT NULL,
  employees BIGINT CHECK (employees >= 0),
  capital_yen BIGINT CHECK (capital_yen >= 0),
  prefecture TEXT NOT NULL
);
-- Not unique: several may claim a number, and none may learn of the others.
CREATE INDEX org_organisation_number ON org_organisation (corporate_number) WHERE corporate_number IS NOT NULL;

CREATE TABLE org_site (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES org_organisation (id),
  name TEXT NOT NULL,
  country TEXT NOT NULL,
  prefecture TEXT NOT NULL,
  created TEXT NOT NULL
);
CREATE INDEX org_site_org ON org_site (org_id, created, id);

-- What a company says of its parent and group. The other company is a text and
-- not a link, because a link would tell whether it is here.
CREATE TABLE org_relation (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES org_organisation (id),
  kind TEXT NOT NULL CHECK (kind IN ('parent', 'subsidiary', 'affiliate')),
  name TEXT NOT NULL,
  corporate_number TEXT,
  created TEXT NOT NULL
);
CREATE INDEX org_relation_org ON org_relation (org_id, created, id);

CREATE TABLE org_member (
  org_id TEXT NOT NULL REFERENCES org_organisation (id),
  account_id TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'member', 'manager', 'owner')),
  since TEXT NOT NULL,
  left_at TEXT,
  PRIMARY KEY (org_id, account_id)
);
CREATE INDEX org_member_account ON org_member (account_id, org_id) WHERE left_at IS NULL;
CREATE INDEX org_member_since ON org_member (org_id, since, account_id) WHERE left_at IS NULL;

CREATE TABLE org_invitation (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES org_organisation (id),
  email TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('viewer', 'member', 'manager', 'owner')),
  secret_hash BYTEA NOT NULL,
  invited_by TEXT NOT NULL,
  created TEXT NOT NULL,
  expires TEXT NOT NULL,
  used_at TEXT,
  used_by TEXT,
  revoked_at TEXT
);
CREATE INDEX org_invitation_org ON org_invitation (org_id, created);

CREATE TABLE org_circle (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL REFERENCES org_organisation (id),
  kind TEXT NOT NULL CHECK (kind IN ('region', 'industry', 'chain')),
  name TEXT NOT NULL,
  created TEXT NOT NULL
);

CREATE TABLE org_circle_member (
  circle_id TEXT NOT NULL REFERENCES org_circle (id),
  org_id TEXT NOT NULL REFERENCES org_organisation (id),
  joined TEXT NOT NULL,
  left_at TEXT,
  PRIMARY KEY (circle_id, org_id)
);
CREATE INDEX org_circle_member_org ON org_circle_member (org_id, circle_id) WHERE left_at IS NULL;
CREATE INDEX org_circle_member_joined ON org_circle_member (circle_id, joined, org_id) WHERE left_at IS NULL;

CREATE TABLE org_circle_code (
  id TEXT PRIMARY KEY,
  circle_id TEXT NOT NULL REFERENCES org_circle (id),
  org_id TEXT NOT NULL REFERENCES org_organisation (id),
  hash BYTEA NOT NULL UNIQUE,
  created TEXT NOT NULL,
  expires TEXT NOT NULL,
  used_at TEXT,
  used_by TEXT
);
CREATE INDEX org_circle_code_circle ON org_circle_code (circle_id, created);
