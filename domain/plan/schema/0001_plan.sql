-- +goose Up
CREATE TABLE plan_step (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  pack TEXT NOT NULL,
  item TEXT NOT NULL,
  what TEXT NOT NULL,
  account TEXT NOT NULL, -- who does it: somebody of the company, or ''
  name TEXT NOT NULL, -- or somebody else, as typed
  due TEXT NOT NULL, -- a day in Japan, or ''
  began TEXT NOT NULL, -- the answer to the item when the step was made
  said_at TEXT, -- when somebody said that it is done
  said_by TEXT NOT NULL,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  revision INTEGER NOT NULL,
  UNIQUE (org_id, pack, item)
);

CREATE TABLE plan_calendar (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  name TEXT NOT NULL,
  secret_hash BYTEA NOT NULL UNIQUE,
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL,
  expires TEXT NOT NULL,
  ended_at TEXT,
  ended_by TEXT NOT NULL
);
CREATE INDEX plan_calendar_org ON plan_calendar (org_id, made_at, id);
