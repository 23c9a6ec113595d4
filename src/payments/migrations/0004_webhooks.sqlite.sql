-- What happened, for integrators: written in the transaction that makes it true.
CREATE TABLE payments.messages (
  id         TEXT PRIMARY KEY,
  owner_id   TEXT NOT NULL,
  type       TEXT NOT NULL,
  payload    TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX payments.messages_owner_id ON messages (owner_id, id);

-- Where integrators want to be told. `secret` signs, sealed where there is a key to seal with.
CREATE TABLE payments.webhook_endpoints (
  id          TEXT PRIMARY KEY,
  owner_id    TEXT NOT NULL,
  everyone    INTEGER NOT NULL,
  url         TEXT NOT NULL,
  description TEXT NOT NULL,
  types       TEXT NOT NULL,
  secret      BLOB NOT NULL,
  old_secret  BLOB,
  old_secret_until INTEGER,
  disabled_at INTEGER,
  failing_since INTEGER,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX payments.webhook_endpoints_owner_id ON webhook_endpoints (owner_id, id);

CREATE TABLE payments.webhook_deliveries (
  id           TEXT PRIMARY KEY,
  endpoint_id  TEXT NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
  message_id   TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
  status       TEXT NOT NULL CONSTRAINT webhook_deliveries_status_check CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts     INTEGER NOT NULL,
  answer       INTEGER,
  fault        TEXT,
  created_at   INTEGER NOT NULL,
  attempted_at INTEGER,
  next_at      INTEGER,
  CONSTRAINT webhook_deliveries_message_key UNIQUE (endpoint_id, message_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX payments.webhook_deliveries_endpoint_id ON webhook_deliveries (endpoint_id, id);
