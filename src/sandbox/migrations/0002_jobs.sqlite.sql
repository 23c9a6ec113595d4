CREATE TABLE sandbox.jobs (
  id           TEXT PRIMARY KEY,
  kind         TEXT NOT NULL,
  key          TEXT NOT NULL,
  payload      TEXT NOT NULL,
  run_at       INTEGER NOT NULL,
  attempts     INTEGER NOT NULL,
  leased_until INTEGER,
  done_at      INTEGER,
  last_error   TEXT,
  CONSTRAINT jobs_kind_key UNIQUE (kind, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX sandbox.jobs_due ON jobs (run_at) WHERE done_at IS NULL;
CREATE INDEX sandbox.jobs_done ON jobs (done_at) WHERE done_at IS NOT NULL;
