CREATE TABLE payments.clients (
  id         TEXT PRIMARY KEY,
  owner_id   TEXT NOT NULL,
  email      TEXT NOT NULL,
  name       TEXT NOT NULL,
  gateway_id TEXT CONSTRAINT clients_gateway_id_key UNIQUE,
  refusal    TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  CONSTRAINT clients_outcome_check CHECK (gateway_id IS NULL OR refusal IS NULL)
) STRICT, WITHOUT ROWID;

CREATE INDEX payments.clients_owner_id ON clients (owner_id, id);

CREATE TABLE payments.jobs (
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

CREATE INDEX payments.jobs_due ON jobs (run_at) WHERE done_at IS NULL;
CREATE INDEX payments.jobs_done ON jobs (done_at) WHERE done_at IS NOT NULL;
