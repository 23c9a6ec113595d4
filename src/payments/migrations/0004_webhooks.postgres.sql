-- What happened, for integrators: written in the transaction that makes it true.
CREATE TABLE payments.messages (
  id         uuid PRIMARY KEY,
  owner_id   uuid NOT NULL,
  type       text NOT NULL,
  payload    text NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE INDEX messages_owner_id ON payments.messages (owner_id, id);

-- Where integrators want to be told. `secret` signs, sealed where there is a key to seal with.
CREATE TABLE payments.webhook_endpoints (
  id          uuid PRIMARY KEY,
  owner_id    uuid NOT NULL,
  everyone    boolean NOT NULL,
  url         text NOT NULL,
  description text NOT NULL,
  types       text NOT NULL,
  secret      bytea NOT NULL,
  old_secret  bytea,
  old_secret_until timestamptz,
  disabled_at timestamptz,
  failing_since timestamptz,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL
);

CREATE INDEX webhook_endpoints_owner_id ON payments.webhook_endpoints (owner_id, id);

CREATE TABLE payments.webhook_deliveries (
  id           uuid PRIMARY KEY,
  endpoint_id  uuid NOT NULL REFERENCES payments.webhook_endpoints (id) ON DELETE CASCADE,
  message_id   uuid NOT NULL REFERENCES payments.messages (id) ON DELETE CASCADE,
  status       text NOT NULL CONSTRAINT webhook_deliveries_status_check CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts     bigint NOT NULL,
  answer       bigint,
  fault        text,
  created_at   timestamptz NOT NULL,
  attempted_at timestamptz,
  next_at      timestamptz,
  CONSTRAINT webhook_deliveries_message_key UNIQUE (endpoint_id, message_id)
);

CREATE INDEX webhook_deliveries_endpoint_id ON payments.webhook_deliveries (endpoint_id, id);
