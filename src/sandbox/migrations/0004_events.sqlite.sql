CREATE TABLE sandbox.webhook_endpoints (
  id         TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  version    INTEGER NOT NULL,
  secret     TEXT NOT NULL,
  resource   TEXT NOT NULL
) STRICT;

CREATE TABLE sandbox.events (
  id         TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  type       TEXT NOT NULL,
  resource   TEXT NOT NULL
) STRICT;

CREATE INDEX sandbox.events_by_time ON events (created_at, id);

CREATE TABLE sandbox.deliveries (
  event_id     TEXT NOT NULL,
  endpoint_id  TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  delivered_at INTEGER,
  PRIMARY KEY (event_id, endpoint_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX sandbox.deliveries_by_time ON deliveries (created_at);
