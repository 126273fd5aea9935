-- +goose Up
-- Why nothing of an organisation goes to others at present. Several causes may
-- hold at once, and each ends by itself.
CREATE TABLE org_pause (
  org_id TEXT NOT NULL REFERENCES org_organisation (id),
  why TEXT NOT NULL CHECK (why IN ('restore', 'recovery', 'dispute', 'closing')),
  since TEXT NOT NULL,
  PRIMARY KEY (org_id, why)
);
-- Who made a code: it ends when he leaves. '' for those made before.
ALTER TABLE org_circle_code ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
