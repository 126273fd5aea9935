-- +goose Up
CREATE TABLE policy_document (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  template TEXT NOT NULL,
  public_id TEXT NOT NULL UNIQUE, -- the end of the public address
  created TEXT NOT NULL,
  created_by TEXT NOT NULL,
  published INTEGER NOT NULL, -- number of the version that everybody can read; 0 for none
  published_at TEXT,
  published_by TEXT NOT NULL,
  UNIQUE (org_id, template)
);

CREATE TABLE policy_version (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  document_id TEXT NOT NULL REFERENCES policy_document (id),
  number INTEGER NOT NULL,
  edition TEXT NOT NULL, -- of the template
  state TEXT NOT NULL CHECK (state IN ('draft', 'approved', 'replaced', 'withdrawn')),
  settings TEXT NOT NULL, -- JSON
  revision INTEGER NOT NULL, -- counts changes of a draft
  created TEXT NOT NULL,
  created_by TEXT NOT NULL,
  changed TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  approved_at TEXT,
  approved_by TEXT NOT NULL,
  ended_at TEXT,
  ended_by TEXT NOT NULL,
  digest TEXT NOT NULL, -- of what was approved
  UNIQUE (document_id, number)
);
CREATE INDEX policy_version_org ON policy_version (org_id, document_id, number);

CREATE TABLE policy_section (
  version_id TEXT NOT NULL REFERENCES policy_version (id),
  org_id TEXT NOT NULL,
  section TEXT NOT NULL,
  place INTEGER NOT NULL,
  title_ja TEXT NOT NULL,
  title_en TEXT NOT NULL,
  ja TEXT NOT NULL, -- paragraphs, one a line; '' when the company leaves the section out
  en TEXT NOT NULL,
  edited BOOLEAN NOT NULL, -- by hand: settings and answers write it no more
  PRIMARY KEY (version_id, section)
);
CREATE INDEX policy_section_org ON policy_section (org_id, version_id);
