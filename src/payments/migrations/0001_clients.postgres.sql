CREATE TABLE payments.clients (
  id         uuid PRIMARY KEY,
  owner_id   uuid NOT NULL,
  email      text NOT NULL,
  name       text NOT NULL,
  gateway_id text CONSTRAINT clients_gateway_id_key UNIQUE,
  refusal    text,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  CONSTRAINT clients_outcome_check CHECK (gateway_id IS NULL OR refusal IS NULL)
);

CREATE INDEX clients_owner_id ON payments.clients (owner_id, id);

CREATE TABLE payments.jobs (
  id           uuid PRIMARY KEY,
  kind         text NOT NULL,
  key          text NOT NULL,
  payload      text NOT NULL,
  run_at       timestamptz NOT NULL,
  attempts     bigint NOT NULL,
  leased_until timestamptz,
  done_at      timestamptz,
  last_error   text,
  CONSTRAINT jobs_kind_key UNIQUE (kind, key)
);

CREATE INDEX jobs_due ON payments.jobs (run_at) WHERE done_at IS NULL;
CREATE INDEX jobs_done ON payments.jobs (done_at) WHERE done_at IS NOT NULL;
