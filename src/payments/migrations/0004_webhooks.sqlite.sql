-- Where integrators want to be told. `secret` signs: as text, or sealed under a key of the operator's. `types` has a
-- space before and behind each name; empty means all of them.
CREATE TABLE payments.webhook_endpoints (
  id               TEXT PRIMARY KEY,
  owner_id         TEXT NOT NULL,
  everyone         INTEGER NOT NULL,
  url              TEXT NOT NULL,
  description      TEXT NOT NULL,
  types            TEXT NOT NULL,
  secret           BLOB NOT NULL,
  old_secret       BLOB,
  old_secret_until INTEGER,
  disabled_at      INTEGER,
  disabled_reason  TEXT CONSTRAINT webhook_endpoints_reason_check
    CHECK (disabled_reason IN ('requested', 'gone', 'failing')),
  failing_since    INTEGER,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  CONSTRAINT webhook_endpoints_disabled_check CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
  CONSTRAINT webhook_endpoints_old_secret_check CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX payments.webhook_endpoints_owner_id ON webhook_endpoints (owner_id, id);

-- What an endpoint is told, and how far that has come: written in the transaction that makes it true. `owner_id` is
-- whom it is about. `next_at` is when it is tried again, and while somebody tries, until when that one has it. No
-- foreign key: an endpoint that is deleted meanwhile must not undo what happened to a payment.
CREATE TABLE payments.webhook_deliveries (
  endpoint_id  TEXT NOT NULL,
  message_id   TEXT NOT NULL,
  owner_id     TEXT NOT NULL,
  type         TEXT NOT NULL,
  body         TEXT NOT NULL,
  status       TEXT NOT NULL CONSTRAINT webhook_deliveries_status_check
    CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts     INTEGER NOT NULL,
  answer       INTEGER,
  error        TEXT,
  created_at   INTEGER NOT NULL,
  attempted_at INTEGER,
  next_at      INTEGER,
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (endpoint_id, message_id),
  CONSTRAINT webhook_deliveries_next_check CHECK ((status = 'pending') = (next_at IS NOT NULL))
) STRICT;

CREATE INDEX payments.webhook_deliveries_next_at ON webhook_deliveries (endpoint_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX payments.webhook_deliveries_owner_id ON webhook_deliveries (owner_id);
CREATE INDEX payments.webhook_deliveries_created_at ON webhook_deliveries (created_at);
