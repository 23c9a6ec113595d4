-- A payment: one intent at the gateway. What is known of persons is in payments.clients, and nowhere here.
CREATE TABLE payments.payments (
  id              TEXT PRIMARY KEY,
  owner_id        TEXT NOT NULL,
  client_id       TEXT,
  order_id        TEXT CONSTRAINT payments_order_id_key UNIQUE,
  amount          INTEGER NOT NULL CONSTRAINT payments_amount_check CHECK (amount > 0),
  currency        TEXT NOT NULL,
  capture         TEXT NOT NULL CONSTRAINT payments_capture_check CHECK (capture IN ('automatic', 'manual')),
  description     TEXT,
  status          TEXT NOT NULL CONSTRAINT payments_status_check CHECK (status IN
    ('requires_payment_method', 'requires_confirmation', 'requires_action', 'processing', 'requires_capture',
     'succeeded', 'canceled')),
  gateway_id      TEXT CONSTRAINT payments_gateway_id_key UNIQUE,
  method          TEXT,
  next_action     TEXT,
  decline         TEXT,
  amount_captured INTEGER NOT NULL,
  amount_refunded INTEGER NOT NULL,
  version         INTEGER NOT NULL,
  check_at        INTEGER,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  CONSTRAINT payments_captured_check CHECK (amount_captured BETWEEN 0 AND amount
    AND (amount_captured > 0) = (status = 'succeeded')),
  CONSTRAINT payments_refunded_check CHECK (amount_refunded BETWEEN 0 AND amount_captured),
  CONSTRAINT payments_gateway_check CHECK (gateway_id IS NOT NULL
    OR status IN ('requires_payment_method', 'canceled'))
) STRICT, WITHOUT ROWID;

CREATE INDEX payments.payments_owner_id ON payments (owner_id, id);
CREATE INDEX payments.payments_client_id ON payments (client_id, id);
CREATE INDEX payments.payments_check_at ON payments (check_at) WHERE check_at IS NOT NULL;

-- What is final stays so.
CREATE TRIGGER payments.payments_final BEFORE UPDATE ON payments
  WHEN OLD.status IN ('succeeded', 'canceled') AND NEW.status <> OLD.status BEGIN
  SELECT RAISE(ABORT, 'a payment that is final stays so');
END;

-- What the gateway is asked to do with a payment: committed before a byte leaves, and settled with what came of it. A
-- payment has one at a time. `parameters` are kept only until then: they may say who pays.
CREATE TABLE payments.attempts (
  id          TEXT PRIMARY KEY,
  payment_id  TEXT NOT NULL REFERENCES payments (id),
  kind        TEXT NOT NULL CONSTRAINT attempts_kind_check CHECK (kind IN ('create', 'confirm', 'capture', 'cancel')),
  parameters  TEXT NOT NULL,
  method      TEXT,
  outcome     TEXT CONSTRAINT attempts_outcome_check CHECK (outcome IN ('done', 'declined', 'refused', 'abandoned')),
  code        TEXT,
  retry_at    INTEGER NOT NULL,
  tries       INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  settled_at  INTEGER,
  CONSTRAINT attempts_settled_check CHECK ((settled_at IS NULL) = (outcome IS NULL)
    AND (settled_at IS NULL OR parameters = ''))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX payments.attempts_open ON attempts (payment_id) WHERE settled_at IS NULL;
CREATE INDEX payments.attempts_payment_id ON attempts (payment_id, id);
CREATE INDEX payments.attempts_retry_at ON attempts (retry_at) WHERE settled_at IS NULL;

CREATE TABLE payments.refunds (
  id             TEXT PRIMARY KEY,
  payment_id     TEXT NOT NULL REFERENCES payments (id),
  amount         INTEGER NOT NULL CONSTRAINT refunds_amount_check CHECK (amount > 0),
  reason         TEXT,
  status         TEXT NOT NULL CONSTRAINT refunds_status_check CHECK (status IN
    ('unknown', 'pending', 'requires_action', 'succeeded', 'failed', 'canceled')),
  gateway_id     TEXT CONSTRAINT refunds_gateway_id_key UNIQUE,
  failure_reason TEXT,
  version        INTEGER NOT NULL,
  retry_at       INTEGER,
  tries          INTEGER NOT NULL,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL,
  CONSTRAINT refunds_gateway_check CHECK (gateway_id IS NOT NULL OR status IN ('unknown', 'failed'))
) STRICT, WITHOUT ROWID;

CREATE INDEX payments.refunds_payment_id ON refunds (payment_id, id);
CREATE INDEX payments.refunds_retry_at ON refunds (retry_at) WHERE retry_at IS NOT NULL;

-- Double entry: a row moves an amount from one account to another, so that all accounts together are always zero.
-- `source` is what happened at the gateway, so that nothing is booked twice.
CREATE TABLE payments.ledger (
  id             TEXT PRIMARY KEY,
  payment_id     TEXT NOT NULL REFERENCES payments (id),
  source         TEXT NOT NULL CONSTRAINT ledger_source_key UNIQUE,
  debit_account  TEXT NOT NULL,
  credit_account TEXT NOT NULL,
  amount         INTEGER NOT NULL CONSTRAINT ledger_amount_check CHECK (amount > 0),
  currency       TEXT NOT NULL,
  created_at     INTEGER NOT NULL,
  CONSTRAINT ledger_accounts_check CHECK (debit_account <> credit_account)
) STRICT, WITHOUT ROWID;

CREATE INDEX payments.ledger_payment_id ON ledger (payment_id, id);
CREATE INDEX payments.ledger_created_at ON ledger (created_at);

CREATE TRIGGER payments.ledger_is_never_changed BEFORE UPDATE ON ledger BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER payments.ledger_is_never_shortened BEFORE DELETE ON ledger BEGIN
  SELECT RAISE(ABORT, 'the ledger is append-only');
END;

-- What a client's Idempotency-Key stands for: the request, the thing that it made, and the answer once there is one.
CREATE TABLE payments.idempotency_keys (
  owner_id     TEXT NOT NULL,
  key          TEXT NOT NULL,
  fingerprint  TEXT NOT NULL,
  thing_id     TEXT NOT NULL,
  status       INTEGER,
  body         TEXT,
  holder       TEXT NOT NULL,
  leased_until INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  CONSTRAINT idempotency_keys_pkey PRIMARY KEY (owner_id, key),
  CONSTRAINT idempotency_keys_answer_check CHECK ((status IS NULL) = (body IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX payments.idempotency_keys_created_at ON idempotency_keys (created_at);
CREATE INDEX payments.idempotency_keys_thing_id ON idempotency_keys (thing_id);

-- The gateway's events that have come in, each once. What they say is not kept: the object is asked for.
CREATE TABLE payments.gateway_events (
  id           TEXT PRIMARY KEY,
  type         TEXT NOT NULL,
  object_id    TEXT NOT NULL,
  intent_id    TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  received_at  INTEGER NOT NULL,
  due_at       INTEGER,
  tries        INTEGER NOT NULL,
  processed_at INTEGER,
  CONSTRAINT gateway_events_processed_check CHECK ((due_at IS NULL) = (processed_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX payments.gateway_events_due_at ON gateway_events (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX payments.gateway_events_received_at ON gateway_events (received_at);

CREATE TABLE payments.disputes (
  id         TEXT PRIMARY KEY,
  payment_id TEXT NOT NULL REFERENCES payments (id),
  gateway_id TEXT NOT NULL CONSTRAINT disputes_gateway_id_key UNIQUE,
  amount     INTEGER NOT NULL,
  currency   TEXT NOT NULL,
  status     TEXT NOT NULL,
  reason     TEXT NOT NULL,
  version    INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX payments.disputes_payment_id ON disputes (payment_id, id);

CREATE TABLE payments.checkouts (
  id          TEXT PRIMARY KEY,
  payment_id  TEXT NOT NULL REFERENCES payments (id),
  gateway_id  TEXT CONSTRAINT checkouts_gateway_id_key UNIQUE,
  success_url TEXT NOT NULL,
  cancel_url  TEXT NOT NULL,
  url         TEXT,
  version     INTEGER NOT NULL,
  retry_at    INTEGER,
  tries       INTEGER NOT NULL,
  status      TEXT NOT NULL CONSTRAINT checkouts_status_check CHECK (status IN ('open', 'complete', 'expired')),
  expires_at  INTEGER NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX payments.checkouts_payment_id ON checkouts (payment_id);
CREATE INDEX payments.checkouts_retry_at ON checkouts (retry_at) WHERE retry_at IS NOT NULL;

-- Where the gateway and we do not agree, each once, until they do.
CREATE TABLE payments.drifts (
  id          TEXT PRIMARY KEY,
  kind        TEXT NOT NULL CONSTRAINT drifts_kind_check CHECK (kind IN
    ('missing_here', 'missing_there', 'amount', 'status', 'currency', 'double')),
  object_id   TEXT NOT NULL,
  payment_id  TEXT,
  ours        TEXT NOT NULL,
  theirs      TEXT NOT NULL,
  found_at    INTEGER NOT NULL,
  seen_at     INTEGER NOT NULL,
  resolved_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX payments.drifts_open ON drifts (kind, object_id) WHERE resolved_at IS NULL;

-- Until when what goes on by itself has looked: one row for each kind of look.
CREATE TABLE payments.looks (
  name      TEXT PRIMARY KEY,
  looked_at INTEGER NOT NULL,
  next_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A customer who was deleted is in no list; the row is erased once the gateway has deleted him too.
ALTER TABLE payments.clients ADD COLUMN deleted_at INTEGER;
-- What is to be changed at the gateway, and who is telling it so: one at a time, so that the last change wins there too.
ALTER TABLE payments.clients ADD COLUMN change_id TEXT;
ALTER TABLE payments.clients ADD COLUMN new_email TEXT;
ALTER TABLE payments.clients ADD COLUMN new_name TEXT;
ALTER TABLE payments.clients ADD COLUMN change_leased_until INTEGER;
-- Counts what was learnt of the gateway, so that an older answer does not undo a newer one.
ALTER TABLE payments.clients ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
