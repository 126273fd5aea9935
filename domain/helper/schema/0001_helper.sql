-- +goose Up
-- What a company lets somebody outside see, and until when. A row is kept after
-- its end: the company looks up who could see what.
CREATE TABLE helper_grant (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('helper', 'support')),
  sees_profile BOOLEAN NOT NULL,
  sees_answers BOOLEAN NOT NULL,
  sees_files BOOLEAN NOT NULL,
  reason TEXT NOT NULL, -- what help is wanted
  given_by TEXT NOT NULL, -- account that answers for it: who gave it or last extended it
  created TEXT NOT NULL,
  expires TEXT NOT NULL,
  email TEXT NOT NULL, -- of the invited; '' once it is used or over
  secret_hash BYTEA,
  invited_until TEXT,
  accepted_at TEXT,
  account_id TEXT NOT NULL, -- the helper; '' before, and for support
  helper_name TEXT NOT NULL, -- what the helper says of himself, as the rest
  helper_org TEXT NOT NULL,
  helper_org_id TEXT NOT NULL, -- one of his own organisations, or ''
  qualification TEXT NOT NULL, -- claimed; nobody has checked it
  ended_at TEXT,
  ended_by TEXT NOT NULL,
  ended_how TEXT NOT NULL, -- '', revoked, given-back, left, expired
  call_on TEXT NOT NULL, -- the helper's own plan: a day, or ''
  memo TEXT NOT NULL -- the helper's own
);
CREATE INDEX helper_grant_org ON helper_grant (org_id, created, id);
CREATE INDEX helper_grant_account ON helper_grant (account_id, expires) WHERE ended_at IS NULL;
CREATE INDEX helper_grant_open ON helper_grant (kind, expires) WHERE ended_at IS NULL;

-- Every look is counted. The journal gets one entry per hour and kind of page.
CREATE TABLE helper_look (
  grant_id TEXT NOT NULL REFERENCES helper_grant (id),
  org_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  page TEXT NOT NULL CHECK (page IN ('overview', 'answers', 'item', 'file')),
  day TEXT NOT NULL, -- in Japan
  looks INTEGER NOT NULL,
  last_at TEXT NOT NULL,
  journalled_at TEXT NOT NULL,
  PRIMARY KEY (grant_id, account_id, page, day)
);

-- Advice of a helper on one item. It belongs to the company.
CREATE TABLE helper_advice (
  id TEXT PRIMARY KEY,
  grant_id TEXT NOT NULL REFERENCES helper_grant (id),
  org_id TEXT NOT NULL,
  pack TEXT NOT NULL,
  item TEXT NOT NULL,
  words TEXT NOT NULL,
  written_at TEXT NOT NULL,
  written_by TEXT NOT NULL,
  done_at TEXT,
  done_by TEXT NOT NULL
);
CREATE INDEX helper_advice_org ON helper_advice (org_id, written_at, id);
CREATE INDEX helper_advice_item ON helper_advice (grant_id, pack, item);
