-- +goose Up
-- An uploaded list on its way into desk_case. The cells are kept until somebody
-- confirms or throws them away, and for a day at most; the report holds numbers
-- of rows and codes, no names.
CREATE TABLE desk_import (
  id TEXT PRIMARY KEY,
  org_id TEXT NOT NULL,
  circle_id TEXT NOT NULL,
  made_by TEXT NOT NULL,
  created TEXT NOT NULL,
  file TEXT NOT NULL, -- the name of the file; emptied with the cells
  guess TEXT NOT NULL, -- which column holds what
  cells TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'stopped')),
  doubtful BOOLEAN NOT NULL, -- rows in doubt are taken too
  job_id BIGINT NOT NULL,
  total BIGINT NOT NULL, -- rows to take
  done BIGINT NOT NULL,
  added BIGINT NOT NULL,
  changed BIGINT NOT NULL,
  missing BIGINT NOT NULL, -- in the circle's list and not in the file; never deleted
  report TEXT NOT NULL -- rows that were not taken, and why
);
CREATE INDEX desk_import_circle ON desk_import (org_id, circle_id, created);
CREATE INDEX desk_import_old ON desk_import (created) WHERE cells <> '';
