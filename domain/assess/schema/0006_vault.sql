-- +goose Up
CREATE INDEX assess_evidence_until ON assess_evidence (valid_until) WHERE valid_until IS NOT NULL;
CREATE INDEX assess_evidence_new ON assess_evidence (org_id, collected_at, id);
-- Which reminder was sent about the end of a piece of evidence: 60, 30 or 7 days
-- before it, or -7. A new end begins anew, so the end is part of the key.
CREATE TABLE assess_reminder (
    org_id      TEXT NOT NULL,
    evidence_id TEXT NOT NULL,
    valid_until TEXT NOT NULL,
    step        INTEGER NOT NULL,
    sent_at     TEXT NOT NULL,
    PRIMARY KEY (evidence_id, valid_until, step)
);
CREATE INDEX assess_reminder_org ON assess_reminder (org_id);
-- What people of the company say to each other about an item.
CREATE TABLE assess_comment (
    id      TEXT PRIMARY KEY,
    org_id  TEXT NOT NULL,
    pack    TEXT NOT NULL,
    item    TEXT NOT NULL,
    words   TEXT NOT NULL,
    said_at TEXT NOT NULL,
    said_by TEXT NOT NULL -- account
);
CREATE INDEX assess_comment_place ON assess_comment (org_id, pack, item, said_at);
CREATE TABLE assess_mention (
    org_id     TEXT NOT NULL,
    comment_id TEXT NOT NULL,
    account    TEXT NOT NULL,
    seen_at    TEXT,
    PRIMARY KEY (comment_id, account)
);
CREATE INDEX assess_mention_open ON assess_mention (org_id, account) WHERE seen_at IS NULL;
