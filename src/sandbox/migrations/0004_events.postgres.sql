CREATE TABLE sandbox.webhook_endpoints (
  id         text PRIMARY KEY,
  created_at timestamptz NOT NULL,
  version    bigint NOT NULL,
  secret     text NOT NULL,
  resource   text NOT NULL
);

CREATE TABLE sandbox.events (
  id         text PRIMARY KEY,
  created_at timestamptz NOT NULL,
  type       text NOT NULL,
  resource   text NOT NULL
);

CREATE INDEX events_by_time ON sandbox.events (created_at, id);

CREATE TABLE sandbox.deliveries (
  event_id     text NOT NULL,
  endpoint_id  text NOT NULL,
  created_at   timestamptz NOT NULL,
  delivered_at timestamptz,
  PRIMARY KEY (event_id, endpoint_id)
);

CREATE INDEX deliveries_by_time ON sandbox.deliveries (created_at);
