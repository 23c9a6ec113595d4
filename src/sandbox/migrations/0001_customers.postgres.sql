CREATE TABLE sandbox.customers (
  id text PRIMARY KEY,
  created_at timestamptz NOT NULL,
  email text,
  deleted boolean NOT NULL,
  version bigint NOT NULL,
  resource text NOT NULL,
  tax_ids text NOT NULL
);

CREATE INDEX customers_by_time ON sandbox.customers (created_at, id);
CREATE INDEX customers_by_email ON sandbox.customers (email, created_at, id);

CREATE TABLE sandbox.idempotency_keys (
  key text PRIMARY KEY,
  created_at timestamptz NOT NULL,
  endpoint text NOT NULL,
  fingerprint text NOT NULL,
  request_id text NOT NULL,
  status bigint NOT NULL,
  body text NOT NULL
);

CREATE INDEX idempotency_keys_by_time ON sandbox.idempotency_keys (created_at);
