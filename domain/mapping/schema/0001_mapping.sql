-- +goose Up
-- What an answer was made from. It holds while the answer has the revision: an
-- answer that the company gave since is its own word. Only ids stand here.
CREATE TABLE mapping_applied (
    org_id     TEXT NOT NULL,
    pack       TEXT NOT NULL,
    item       TEXT NOT NULL,
    revision   INTEGER NOT NULL, -- of the answer in assess_answer
    choice     TEXT NOT NULL,
    sources    TEXT NOT NULL,    -- JSON: pack, item and choice of each origin, and the maps on the way
    moved      BOOLEAN NOT NULL, -- from another edition of the same framework
    applied_at TEXT NOT NULL,
    applied_by TEXT NOT NULL,    -- account
    PRIMARY KEY (org_id, pack, item)
);
