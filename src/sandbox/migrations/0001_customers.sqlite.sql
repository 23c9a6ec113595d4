CREATE TABLE sandbox.customers (
  id TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  email TEXT,
  deleted INTEGER NOT NULL,
  version INTEGER NOT NULL,
  resource TEXT NOT NULL,
  tax_ids TEXT NOT NULL
) STRICT;

CREATE INDEX sandbox.customers_by_time ON customers (created_at, id);
CREATE INDEX sandbox.customers_by_email ON customers (email, created_at, id);

CREATE TABLE sandbox.idempotency_keys (
  key TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  endpoint TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  request_id TEXT NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;

CREATE INDEX sandbox.idempotency_keys_by_time ON idempotency_keys (created_at);
