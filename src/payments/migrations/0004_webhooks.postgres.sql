-- Where integrators want to be told. `secret` signs: as text, or sealed under a key of the operator's. `types` has a
-- space before and behind each name; empty means all of them.
CREATE TABLE payments.webhook_endpoints (
  id               uuid PRIMARY KEY,
  owner_id         uuid NOT NULL,
  everyone         boolean NOT NULL,
  url              text NOT NULL,
  description      text NOT NULL,
  types            text NOT NULL,
  secret           bytea NOT NULL,
  old_secret       bytea,
  old_secret_until timestamptz,
  disabled_at      timestamptz,
  disabled_reason  text CONSTRAINT webhook_endpoints_reason_check
    CHECK (disabled_reason IN ('requested', 'gone', 'failing')),
  failing_since    timestamptz,
  created_at       timestamptz NOT NULL,
  updated_at       timestamptz NOT NULL,
  CONSTRAINT webhook_endpoints_disabled_check CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
  CONSTRAINT webhook_endpoints_old_secret_check CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
);

CREATE INDEX webhook_endpoints_owner_id ON payments.webhook_endpoints (owner_id, id);

-- What an endpoint is told, and how far that has come: written in the transaction that makes it true. `owner_id` is
-- whom it is about. `next_at` is when it is tried again, and while somebody tries, until when that one has it. No
-- foreign key: an endpoint that is deleted meanwhile must not undo what happened to a payment.
CREATE TABLE payments.webhook_deliveries (
  endpoint_id  uuid NOT NULL,
  message_id   uuid NOT NULL,
  owner_id     uuid NOT NULL,
  type         text NOT NULL,
  body         text NOT NULL,
  status       text NOT NULL CONSTRAINT webhook_deliveries_status_check
    CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts     bigint NOT NULL,
  answer       bigint,
  error        text,
  created_at   timestamptz NOT NULL,
  attempted_at timestamptz,
  next_at      timestamptz,
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (endpoint_id, message_id),
  CONSTRAINT webhook_deliveries_next_check CHECK ((status = 'pending') = (next_at IS NOT NULL))
);

CREATE INDEX webhook_deliveries_next_at ON payments.webhook_deliveries (endpoint_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_deliveries_owner_id ON payments.webhook_deliveries (owner_id);
CREATE INDEX webhook_deliveries_created_at ON payments.webhook_deliveries (created_at);
