-- +goose Up
CREATE TABLE board_goal (
  org_id TEXT NOT NULL,
  item TEXT NOT NULL,
  level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 5),
  set_at TEXT NOT NULL,
  set_by TEXT NOT NULL,
  PRIMARY KEY (org_id, item)
);

-- What a company says of itself for the comparison; each in classes 1 to 5.
CREATE TABLE board_profile (
  org_id TEXT PRIMARY KEY,
  staff INTEGER NOT NULL CHECK (staff BETWEEN 1 AND 5),
  sales INTEGER NOT NULL CHECK (sales BETWEEN 1 AND 5),
  information INTEGER NOT NULL CHECK (information BETWEEN 1 AND 5),
  dependence INTEGER NOT NULL CHECK (dependence BETWEEN 1 AND 5),
  set_at TEXT NOT NULL,
  set_by TEXT NOT NULL
);

-- The latest result of a company and at most four before it.
CREATE TABLE board_result (
  org_id TEXT NOT NULL,
  pack TEXT NOT NULL,
  day TEXT NOT NULL,
  levels TEXT NOT NULL, -- one per item, between commas; 0 is not assessed
  risk_group TEXT NOT NULL, -- I, II, III or ''
  deviation INTEGER, -- as it was shown on the day
  kept_at TEXT NOT NULL,
  kept_by TEXT NOT NULL,
  PRIMARY KEY (org_id, day)
);

CREATE TABLE board_statistics (
  org_id TEXT PRIMARY KEY,
  since TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  ended_at TEXT
);
