-- +goose Up
CREATE TABLE record_row (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  ledger TEXT NOT NULL,
  cells TEXT NOT NULL, -- JSON, by the id of the column
  made_by TEXT NOT NULL,
  created TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  changed TEXT NOT NULL
);
CREATE INDEX record_row_ledger ON record_row (org_id, ledger, created, id);

CREATE TABLE record_look (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  ledger TEXT NOT NULL,
  at TEXT NOT NULL,
  by_account TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  note TEXT NOT NULL
);
CREATE INDEX record_look_ledger ON record_look (org_id, ledger, at);

CREATE TABLE record_list (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  ledger TEXT NOT NULL,
  made_by TEXT NOT NULL,
  created TEXT NOT NULL,
  file TEXT NOT NULL,
  table_text TEXT NOT NULL -- JSON, the cells of the uploaded table
);
CREATE INDEX record_list_org ON record_list (org_id, ledger, created);

CREATE TABLE record_request (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  form TEXT NOT NULL,
  cells TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'refused', 'withdrawn', 'done', 'ended')),
  asked_by TEXT NOT NULL, -- account; whoever typed a paper
  asked_at TEXT NOT NULL,
  asker TEXT NOT NULL, -- name on a paper, else ''
  decided_by TEXT NOT NULL,
  decided_at TEXT,
  decider TEXT NOT NULL,
  reason TEXT NOT NULL,
  alone BOOLEAN NOT NULL, -- approved by who asked: the company has one person
  done_by TEXT NOT NULL,
  done_at TEXT,
  ended_by TEXT NOT NULL,
  ended_at TEXT,
  ended_why TEXT NOT NULL,
  on_paper BOOLEAN NOT NULL,
  entered_at TEXT,
  blob TEXT NOT NULL
);
CREATE INDEX record_request_org ON record_request (org_id, asked_at, id);
CREATE INDEX record_request_form ON record_request (org_id, form, decided_at);

CREATE TABLE record_done (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  duty TEXT NOT NULL,
  done_on TEXT NOT NULL, -- a day
  who TEXT NOT NULL, -- names
  cells TEXT NOT NULL,
  found TEXT NOT NULL,
  attendees TEXT NOT NULL, -- names, a line each
  blob TEXT NOT NULL,
  noted_by TEXT NOT NULL,
  noted_at TEXT NOT NULL
);
CREATE INDEX record_done_duty ON record_done (org_id, duty, done_on);

CREATE TABLE record_plan (
  org_id TEXT NOT NULL,
  duty TEXT NOT NULL,
  due TEXT NOT NULL, -- a day
  set_by TEXT NOT NULL,
  set_at TEXT NOT NULL,
  PRIMARY KEY (org_id, duty)
);
