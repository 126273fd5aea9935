-- +goose Up
CREATE TABLE approval_sheet (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  act TEXT NOT NULL,
  inputs TEXT NOT NULL, -- what was typed, as a JSON list in the order of the act's fields
  sentences TEXT NOT NULL, -- what is signed, as a JSON list of plain Japanese
  made_by TEXT NOT NULL,
  created TEXT NOT NULL,
  expires TEXT NOT NULL,
  withdrawn_at TEXT,
  signer TEXT NOT NULL, -- the name on the sheet, as the uploader read it; '' until then
  signed_on TEXT NOT NULL, -- day on the sheet; '' until then
  blob_id TEXT NOT NULL,
  uploaded_by TEXT NOT NULL,
  uploaded_at TEXT,
  subject TEXT NOT NULL, -- id of the record that the act made; '' until then
  denied_by TEXT NOT NULL,
  denied_at TEXT
);
CREATE INDEX approval_sheet_org ON approval_sheet (org_id, created, id);
CREATE INDEX approval_sheet_subject ON approval_sheet (org_id, subject);
