-- +goose Up
-- What was frozen, confirmed or sworn. facts and digest are written once: no
-- statement of this program changes them. What names a person or was written by
-- one stands apart in review_piece; facts hold the salted SHA-256 of each piece.
CREATE TABLE review_record (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('snapshot', 'confirmation', 'oath')),
  snapshot_id TEXT NOT NULL, -- its own id for a snapshot
  pack TEXT NOT NULL,
  number INTEGER NOT NULL, -- counted per company and kind
  facts TEXT NOT NULL,
  digest TEXT NOT NULL, -- SHA-256 of facts, in hex
  made_at TEXT NOT NULL,
  made_by TEXT NOT NULL, -- account
  withdrawn_at TEXT,
  withdrawn_by TEXT NOT NULL,
  withdrawn_how TEXT NOT NULL, -- '', withdrawn, or with what it stood on
  UNIQUE (org_id, kind, number)
);
CREATE INDEX review_record_of ON review_record (org_id, snapshot_id, kind);
CREATE INDEX review_record_list ON review_record (org_id, kind, made_at, id);
CREATE INDEX review_record_by ON review_record (made_by);
CREATE UNIQUE INDEX review_oath_one ON review_record (snapshot_id) WHERE kind = 'oath' AND withdrawn_at IS NULL;

CREATE TABLE review_number (
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (org_id, kind)
);

-- Names and words of a record, each with its own salt, so that one can go and the
-- record stays provable.
CREATE TABLE review_piece (
  record_id TEXT NOT NULL REFERENCES review_record (id),
  org_id TEXT NOT NULL,
  name TEXT NOT NULL, -- as in the facts
  account_id TEXT NOT NULL, -- whom it names, or ''
  salt TEXT NOT NULL, -- hex; '' once erased
  words TEXT NOT NULL,
  erased_at TEXT,
  PRIMARY KEY (record_id, name)
);
CREATE INDEX review_piece_account ON review_piece (account_id) WHERE account_id <> '';

-- Who may look at a snapshot to confirm it, and until when.
CREATE TABLE review_seat (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  snapshot_id TEXT NOT NULL REFERENCES review_record (id),
  sees_files BOOLEAN NOT NULL,
  words TEXT NOT NULL, -- what is asked
  given_by TEXT NOT NULL,
  created TEXT NOT NULL,
  expires TEXT NOT NULL,
  email TEXT NOT NULL, -- of the invited; '' once it is used or over
  secret_hash BYTEA,
  invited_until TEXT NOT NULL,
  accepted_at TEXT,
  account_id TEXT NOT NULL,
  name TEXT NOT NULL, -- what the specialist says of himself
  organisation TEXT NOT NULL,
  ended_at TEXT,
  ended_by TEXT NOT NULL,
  ended_how TEXT NOT NULL
);
CREATE INDEX review_seat_snapshot ON review_seat (org_id, snapshot_id, created);
CREATE INDEX review_seat_account ON review_seat (account_id, expires) WHERE ended_at IS NULL;

CREATE TABLE review_look (
  seat_id TEXT NOT NULL REFERENCES review_seat (id),
  org_id TEXT NOT NULL,
  page TEXT NOT NULL,
  day TEXT NOT NULL, -- in Japan
  looks INTEGER NOT NULL,
  last_at TEXT NOT NULL,
  journalled_at TEXT NOT NULL,
  PRIMARY KEY (seat_id, page, day)
);

-- What a specialist has noted so far. It goes into the record of the confirmation.
CREATE TABLE review_finding (
  seat_id TEXT NOT NULL REFERENCES review_seat (id),
  org_id TEXT NOT NULL,
  item TEXT NOT NULL,
  verdict TEXT NOT NULL CHECK (verdict IN ('', 'confirmed', 'not_confirmed')),
  advice TEXT NOT NULL,
  PRIMARY KEY (seat_id, item)
);

-- A qualification as somebody says he has it, and who looked it up.
CREATE TABLE review_qualification (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL,
  code TEXT NOT NULL,
  number TEXT NOT NULL,
  name TEXT NOT NULL,
  said_at TEXT NOT NULL,
  check_hash BYTEA NOT NULL, -- of the code that he gives to a body
  checked_org TEXT NOT NULL, -- the named body, or ''
  checked_by TEXT NOT NULL,
  checked_at TEXT,
  checked_how TEXT NOT NULL,
  UNIQUE (account_id, code, number)
);
CREATE UNIQUE INDEX review_qualification_code ON review_qualification (check_hash);
CREATE INDEX review_qualification_body ON review_qualification (checked_org) WHERE checked_org <> '';

-- What a helper proposes as the answer to one question.
CREATE TABLE review_proposal (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  grant_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  helper TEXT NOT NULL, -- name, as he says
  pack TEXT NOT NULL,
  item TEXT NOT NULL,
  choice TEXT NOT NULL,
  words TEXT NOT NULL,
  made_at TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'refused', 'replaced')),
  decided_at TEXT,
  decided_by TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX review_proposal_org ON review_proposal (org_id, state, made_at, id);
CREATE INDEX review_proposal_grant ON review_proposal (grant_id, pack, item);
