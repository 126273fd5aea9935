-- +goose Up
-- What stands beside a choice: why something does not apply, what it covers and
-- what it leaves out, and where the value came from ('' is the company itself).
ALTER TABLE assess_answer ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer ADD COLUMN exception TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer ADD COLUMN source_note TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer_past ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer_past ADD COLUMN scope TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer_past ADD COLUMN exception TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer_past ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_answer_past ADD COLUMN source_note TEXT NOT NULL DEFAULT '';
-- Evidence is more than a file, it has an end, and it may come from another room:
-- (source, ref) is what that room calls it by.
ALTER TABLE assess_evidence ADD COLUMN kind TEXT NOT NULL DEFAULT 'file';
ALTER TABLE assess_evidence ADD COLUMN form TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_evidence ADD COLUMN url TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_evidence ADD COLUMN digest TEXT NOT NULL DEFAULT ''; -- SHA-256, hex
ALTER TABLE assess_evidence ADD COLUMN valid_until TEXT;
ALTER TABLE assess_evidence ADD COLUMN sensitivity TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_evidence ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_evidence ADD COLUMN ref TEXT NOT NULL DEFAULT '';
ALTER TABLE assess_evidence ADD COLUMN against BOOLEAN NOT NULL DEFAULT FALSE;
CREATE UNIQUE INDEX assess_evidence_ref ON assess_evidence (org_id, source, ref) WHERE ref <> '';
-- Which items a piece of evidence is for. The pack and item of assess_evidence are
-- where it was brought first.
CREATE TABLE assess_proof (
    org_id      TEXT NOT NULL,
    pack        TEXT NOT NULL,
    item        TEXT NOT NULL,
    evidence_id TEXT NOT NULL,
    PRIMARY KEY (org_id, pack, item, evidence_id)
);
CREATE INDEX assess_proof_evidence ON assess_proof (evidence_id);
INSERT INTO assess_proof (org_id, pack, item, evidence_id) SELECT org_id, pack, item, id FROM assess_evidence;
