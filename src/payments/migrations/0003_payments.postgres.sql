-- A payment: one intent at the gateway. What is known of persons is in payments.clients, and nowhere here.
CREATE TABLE payments.payments (
  id              uuid PRIMARY KEY,
  owner_id        uuid NOT NULL,
  client_id       uuid,
  order_id        uuid CONSTRAINT payments_order_id_key UNIQUE,
  amount          bigint NOT NULL CONSTRAINT payments_amount_check CHECK (amount > 0),
  currency        text NOT NULL,
  capture         text NOT NULL CONSTRAINT payments_capture_check CHECK (capture IN ('automatic', 'manual')),
  description     text,
  status          text NOT NULL CONSTRAINT payments_status_check CHECK (status IN
    ('requires_payment_method', 'requires_confirmation', 'requires_action', 'processing', 'requires_capture',
     'succeeded', 'canceled')),
  gateway_id      text CONSTRAINT payments_gateway_id_key UNIQUE,
  method          text,
  next_action     text,
  decline         text,
  amount_captured bigint NOT NULL,
  amount_refunded bigint NOT NULL,
  version         bigint NOT NULL,
  check_at        timestamptz,
  created_at      timestamptz NOT NULL,
  updated_at      timestamptz NOT NULL,
  CONSTRAINT payments_captured_check CHECK (amount_captured BETWEEN 0 AND amount
    AND (amount_captured > 0) = (status = 'succeeded')),
  CONSTRAINT payments_refunded_check CHECK (amount_refunded BETWEEN 0 AND amount_captured),
  CONSTRAINT payments_gateway_check CHECK (gateway_id IS NOT NULL
    OR status IN ('requires_payment_method', 'canceled'))
);

CREATE INDEX payments_owner_id ON payments.payments (owner_id, id);
CREATE INDEX payments_client_id ON payments.payments (client_id, id);
CREATE INDEX payments_check_at ON payments.payments (check_at) WHERE check_at IS NOT NULL;

-- What is final stays so.
CREATE FUNCTION payments.keep_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a payment that is % stays so', OLD.status USING CONSTRAINT = 'payments_final_check';
END $$;
CREATE TRIGGER payments_final BEFORE UPDATE ON payments.payments FOR EACH ROW
  WHEN (OLD.status IN ('succeeded', 'canceled') AND NEW.status <> OLD.status) EXECUTE FUNCTION payments.keep_final();

-- What the gateway is asked to do with a payment: committed before a byte leaves, and settled with what came of it. A
-- payment has one at a time. `parameters` are kept only until then: they may say who pays.
CREATE TABLE payments.attempts (
  id          uuid PRIMARY KEY,
  payment_id  uuid NOT NULL REFERENCES payments.payments (id),
  kind        text NOT NULL CONSTRAINT attempts_kind_check CHECK (kind IN ('create', 'confirm', 'capture', 'cancel')),
  parameters  text NOT NULL,
  method      text,
  outcome     text CONSTRAINT attempts_outcome_check CHECK (outcome IN ('done', 'declined', 'refused', 'abandoned')),
  code        text,
  retry_at    timestamptz NOT NULL,
  tries       bigint NOT NULL,
  created_at  timestamptz NOT NULL,
  settled_at  timestamptz,
  CONSTRAINT attempts_settled_check CHECK ((settled_at IS NULL) = (outcome IS NULL)
    AND (settled_at IS NULL OR parameters = ''))
);

CREATE UNIQUE INDEX attempts_open ON payments.attempts (payment_id) WHERE settled_at IS NULL;
CREATE INDEX attempts_payment_id ON payments.attempts (payment_id, id);
CREATE INDEX attempts_retry_at ON payments.attempts (retry_at) WHERE settled_at IS NULL;

CREATE TABLE payments.refunds (
  id             uuid PRIMARY KEY,
  payment_id     uuid NOT NULL REFERENCES payments.payments (id),
  amount         bigint NOT NULL CONSTRAINT refunds_amount_check CHECK (amount > 0),
  reason         text,
  status         text NOT NULL CONSTRAINT refunds_status_check CHECK (status IN
    ('unknown', 'pending', 'requires_action', 'succeeded', 'failed', 'canceled')),
  gateway_id     text CONSTRAINT refunds_gateway_id_key UNIQUE,
  failure_reason text,
  version        bigint NOT NULL,
  retry_at       timestamptz,
  tries          bigint NOT NULL,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  CONSTRAINT refunds_gateway_check CHECK (gateway_id IS NOT NULL OR status IN ('unknown', 'failed'))
);

CREATE INDEX refunds_payment_id ON payments.refunds (payment_id, id);
CREATE INDEX refunds_retry_at ON payments.refunds (retry_at) WHERE retry_at IS NOT NULL;

-- Double entry: a row moves an amount from one account to another, so that all accounts together are always zero.
-- `source` is what happened at the gateway, so that nothing is booked twice.
CREATE TABLE payments.ledger (
  id             uuid PRIMARY KEY,
  payment_id     uuid NOT NULL REFERENCES payments.payments (id),
  source         text NOT NULL CONSTRAINT ledger_source_key UNIQUE,
  debit_account  text NOT NULL,
  credit_account text NOT NULL,
  amount         bigint NOT NULL CONSTRAINT ledger_amount_check CHECK (amount > 0),
  currency       text NOT NULL,
  created_at     timestamptz NOT NULL,
  CONSTRAINT ledger_accounts_check CHECK (debit_account <> credit_account)
);

CREATE INDEX ledger_payment_id ON payments.ledger (payment_id, id);
CREATE INDEX ledger_created_at ON payments.ledger (created_at);

CREATE FUNCTION payments.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only';
END $$;
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments.ledger
  FOR EACH STATEMENT EXECUTE FUNCTION payments.refuse_change();

-- What a client's Idempotency-Key stands for: the request, the thing that it made, and the answer once there is one.
CREATE TABLE payments.idempotency_keys (
  owner_id     uuid NOT NULL,
  key          text NOT NULL,
  fingerprint  text NOT NULL,
  thing_id     uuid NOT NULL,
  status       bigint,
  body         text,
  holder       uuid NOT NULL,
  leased_until timestamptz NOT NULL,
  created_at   timestamptz NOT NULL,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (owner_id, key),
  CONSTRAINT idempotency_keys_answer_check CHECK ((status IS NULL) = (body IS NULL))
);

CREATE INDEX idempotency_keys_created_at ON payments.idempotency_keys (created_at);
CREATE INDEX idempotency_keys_thing_id ON payments.idempotency_keys (thing_id);

-- The gateway's events that have come in, each once. What they say is not kept: the object is asked for.
CREATE TABLE payments.gateway_events (
  id           text PRIMARY KEY,
  type         text NOT NULL,
  object_id    text NOT NULL,
  intent_id    text NOT NULL,
  created_at   timestamptz NOT NULL,
  received_at  timestamptz NOT NULL,
  due_at       timestamptz,
  tries        bigint NOT NULL,
  processed_at timestamptz,
  CONSTRAINT gateway_events_processed_check CHECK ((due_at IS NULL) = (processed_at IS NOT NULL))
);

CREATE INDEX gateway_events_due_at ON payments.gateway_events (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX gateway_events_received_at ON payments.gateway_events (received_at);

CREATE TABLE payments.disputes (
  id         uuid PRIMARY KEY,
  payment_id uuid NOT NULL REFERENCES payments.payments (id),
  gateway_id text NOT NULL CONSTRAINT disputes_gateway_id_key UNIQUE,
  amount     bigint NOT NULL,
  currency   text NOT NULL,
  status     text NOT NULL,
  reason     text NOT NULL,
  version    bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE INDEX disputes_payment_id ON payments.disputes (payment_id, id);

CREATE TABLE payments.checkouts (
  id          uuid PRIMARY KEY,
  payment_id  uuid NOT NULL REFERENCES payments.payments (id),
  gateway_id  text CONSTRAINT checkouts_gateway_id_key UNIQUE,
  success_url text NOT NULL,
  cancel_url  text NOT NULL,
  url         text,
  version     bigint NOT NULL,
  retry_at    timestamptz,
  tries       bigint NOT NULL,
  status      text NOT NULL CONSTRAINT checkouts_status_check CHECK (status IN ('open', 'complete', 'expired')),
  expires_at  timestamptz NOT NULL,
  created_at  timestamptz NOT NULL
);

CREATE UNIQUE INDEX checkouts_payment_id ON payments.checkouts (payment_id);
CREATE INDEX checkouts_retry_at ON payments.checkouts (retry_at) WHERE retry_at IS NOT NULL;

-- Where the gateway and we do not agree, each once, until they do.
CREATE TABLE payments.drifts (
  id          uuid PRIMARY KEY,
  kind        text NOT NULL CONSTRAINT drifts_kind_check CHECK (kind IN
    ('missing_here', 'missing_there', 'amount', 'status', 'currency', 'double')),
  object_id   text NOT NULL,
  payment_id  uuid,
  ours        text NOT NULL,
  theirs      text NOT NULL,
  found_at    timestamptz NOT NULL,
  seen_at     timestamptz NOT NULL,
  resolved_at timestamptz
);

CREATE UNIQUE INDEX drifts_open ON payments.drifts (kind, object_id) WHERE resolved_at IS NULL;

-- Until when what goes on by itself has looked: one row for each kind of look.
CREATE TABLE payments.looks (
  name      text PRIMARY KEY,
  looked_at timestamptz NOT NULL,
  next_at   timestamptz NOT NULL
);

-- A customer who was deleted is in no list; the row is erased once the gateway has deleted him too.
ALTER TABLE payments.clients ADD COLUMN deleted_at timestamptz;
-- What is to be changed at the gateway, and who is telling it so: one at a time, so that the last change wins there too.
ALTER TABLE payments.clients ADD COLUMN change_id uuid;
ALTER TABLE payments.clients ADD COLUMN new_email text;
ALTER TABLE payments.clients ADD COLUMN new_name text;
ALTER TABLE payments.clients ADD COLUMN change_leased_until timestamptz;
-- Counts what was learnt of the gateway, so that an older answer does not undo a newer one.
ALTER TABLE payments.clients ADD COLUMN revision bigint NOT NULL DEFAULT 0;
