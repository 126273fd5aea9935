-- +goose Up
CREATE TABLE star_guide (
  org_id TEXT PRIMARY KEY,
  secrets TEXT NOT NULL, -- yes, no, unknown
  stops TEXT NOT NULL,
  access TEXT NOT NULL,
  answered_by TEXT NOT NULL,
  answered_at TEXT NOT NULL
);

CREATE TABLE star_declaration (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  scheme TEXT NOT NULL CHECK (scheme IN ('security-action', 'scs')),
  stars INTEGER NOT NULL,
  number TEXT NOT NULL,
  given_on TEXT NOT NULL, -- a day
  valid_until TEXT NOT NULL, -- a day, '' where the scheme says none
  entered_by TEXT NOT NULL,
  entered_at TEXT NOT NULL,
  ended TEXT NOT NULL CHECK (ended IN ('', 'corrected', 'followed', 'stopped')),
  ended_on TEXT NOT NULL, -- a day, '' while it stands
  ended_by TEXT NOT NULL,
  ended_at TEXT
);
CREATE INDEX star_declaration_org ON star_declaration (org_id, scheme, entered_at, id);
CREATE UNIQUE INDEX star_declaration_one ON star_declaration (org_id, scheme) WHERE ended = '';

CREATE TABLE star_seen (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  declaration_id TEXT NOT NULL REFERENCES star_declaration (id),
  seen_on TEXT NOT NULL, -- a day
  seen_by TEXT NOT NULL,
  noted_at TEXT NOT NULL
);
CREATE INDEX star_seen_org ON star_seen (org_id, declaration_id, seen_on);
