-- +goose Up
CREATE TABLE assess_answer (
    org_id      TEXT NOT NULL,
    pack        TEXT NOT NULL, -- the edition that was answered; answers never move to another
    item        TEXT NOT NULL,
    choice      TEXT NOT NULL,
    memo        TEXT NOT NULL,
    answered_at TEXT NOT NULL,
    answered_by TEXT NOT NULL, -- account
    revision    INTEGER NOT NULL,
    PRIMARY KEY (org_id, pack, item)
);
CREATE TABLE assess_answer_past (
    org_id      TEXT NOT NULL,
    pack        TEXT NOT NULL,
    item        TEXT NOT NULL,
    choice      TEXT NOT NULL,
    memo        TEXT NOT NULL,
    answered_at TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    revision    INTEGER NOT NULL,
    PRIMARY KEY (org_id, pack, item, revision)
);
CREATE TABLE assess_result (
    org_id   TEXT NOT NULL,
    pack     TEXT NOT NULL,
    day      TEXT NOT NULL, -- in Japan; the last result of a day stands for it
    points   INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    PRIMARY KEY (org_id, pack, day)
);
CREATE TABLE assess_evidence (
    id           TEXT PRIMARY KEY,
    org_id       TEXT NOT NULL,
    pack         TEXT NOT NULL,
    item         TEXT NOT NULL,
    blob_id      TEXT NOT NULL,
    name         TEXT NOT NULL,
    note         TEXT NOT NULL,
    collected_at TEXT NOT NULL,
    collected_by TEXT NOT NULL
);
CREATE INDEX assess_evidence_place ON assess_evidence (org_id, pack, item);
-- How many companies of a group have how many points: in an area, or over all
-- (area ''). Kept by the follower assess.peers; no page adds up companies.
CREATE TABLE assess_peer (
    pack       TEXT NOT NULL,
    peer_group TEXT NOT NULL,
    area       TEXT NOT NULL,
    points     INTEGER NOT NULL,
    n          INTEGER NOT NULL,
    PRIMARY KEY (pack, peer_group, area, points)
);
-- What a company adds to assess_peer, so that a change takes away exactly that.
CREATE TABLE assess_peer_org (
    org_id     TEXT NOT NULL,
    pack       TEXT NOT NULL,
    peer_group TEXT NOT NULL,
    points     INTEGER NOT NULL,
    areas      TEXT NOT NULL, -- points by area, in the order of the pack: 8,4,12
    PRIMARY KEY (org_id, pack)
);
