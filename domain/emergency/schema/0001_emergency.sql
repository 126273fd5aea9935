-- +goose Up
CREATE TABLE emergency_number (
  org_id TEXT NOT NULL,
  place TEXT NOT NULL,
  name TEXT NOT NULL,
  phone TEXT NOT NULL,
  note TEXT NOT NULL,
  changed_at TEXT NOT NULL,
  changed_by TEXT NOT NULL,
  PRIMARY KEY (org_id, place)
);
