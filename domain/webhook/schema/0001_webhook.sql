-- +goose Up
CREATE TABLE webhook_endpoint (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  url TEXT NOT NULL,
  verbs TEXT NOT NULL, -- chosen kinds of entries, between spaces
  secret TEXT NOT NULL, -- names the secret, which is derived from it
  secret_before TEXT NOT NULL, -- the one it replaced, which signs too for a day
  before_until TEXT,
  made_by TEXT NOT NULL,
  created TEXT NOT NULL,
  failing_since TEXT,
  off_at TEXT,
  off_why TEXT NOT NULL, -- '', failing, gone, secret
  removed_at TEXT,
  removed_by TEXT NOT NULL
);
CREATE INDEX webhook_endpoint_org ON webhook_endpoint (org_id, created, id);

CREATE TABLE webhook_delivery (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  endpoint_id TEXT NOT NULL REFERENCES webhook_endpoint (id),
  verb TEXT NOT NULL,
  subject TEXT NOT NULL,
  seq BIGINT NOT NULL, -- of the journal's entry; 0 for a test
  happened TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dropped')),
  attempts INTEGER NOT NULL,
  tried_at TEXT,
  status INTEGER NOT NULL, -- of the last answer; 0 for none
  next_at TEXT
);
CREATE INDEX webhook_delivery_endpoint ON webhook_delivery (endpoint_id, happened, id);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (next_at) WHERE state = 'waiting';
