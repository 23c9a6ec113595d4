-- An order with what it names, as it was when it was ordered. Whom it is of is known by an id alone. `payment` says how
-- it is to be paid, and may say who pays: it is kept only until Payments has it.
CREATE TABLE products.orders (
  id             TEXT PRIMARY KEY,
  owner_id       TEXT NOT NULL,
  status         TEXT NOT NULL CONSTRAINT orders_status_check CHECK (status IN
    ('pending', 'canceling', 'paid', 'failed', 'expired', 'canceled', 'refunding', 'refunded')),
  ending         TEXT CONSTRAINT orders_ending_check CHECK (ending IN ('failed', 'expired', 'canceled')),
  currency       TEXT NOT NULL,
  total          INTEGER NOT NULL CONSTRAINT orders_total_check CHECK (total BETWEEN 1 AND 99999999),
  items          TEXT NOT NULL,
  method_given   INTEGER NOT NULL,
  payment        TEXT CONSTRAINT orders_payment_check CHECK (payment IS NULL OR status = 'pending'),
  payment_id     TEXT,
  payment_status TEXT,
  fault          TEXT,
  refund_id      TEXT,
  holds_stock    INTEGER NOT NULL,
  version        INTEGER NOT NULL,
  due_at         INTEGER,
  tries          INTEGER NOT NULL,
  expires_at     INTEGER NOT NULL,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL,
  CONSTRAINT orders_canceling_check CHECK ((status = 'canceling') = (ending IS NOT NULL)),
  CONSTRAINT orders_stock_check CHECK (status IN ('refunding', 'refunded')
    OR holds_stock = (status IN ('pending', 'canceling', 'paid'))),
  CONSTRAINT orders_due_check CHECK (due_at IS NOT NULL OR status NOT IN ('pending', 'canceling'))
) STRICT, WITHOUT ROWID;

CREATE INDEX products.orders_owner_id ON orders (owner_id, id);
CREATE INDEX products.orders_status ON orders (status, id);
CREATE INDEX products.orders_due_at ON orders (due_at) WHERE due_at IS NOT NULL;

-- What is final stays so, and what was given back to the stock is not given back again.
CREATE TRIGGER products.orders_ways BEFORE UPDATE ON orders
  WHEN (NEW.status <> OLD.status AND OLD.status || ' ' || NEW.status NOT IN
    ('pending canceling', 'pending paid', 'pending expired', 'pending canceled', 'canceling paid', 'canceling failed',
     'canceling expired', 'canceling canceled', 'paid refunding', 'paid refunded', 'refunding refunded',
     'refunding paid', 'refunded refunding', 'refunded paid'))
    OR (NEW.holds_stock AND NOT OLD.holds_stock) BEGIN
  SELECT RAISE(ABORT, 'an order does not go this way');
END;

-- What a client's Idempotency-Key stands for: the request, the thing that it made, and the answer once there is one.
CREATE TABLE products.idempotency_keys (
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

CREATE INDEX products.idempotency_keys_created_at ON idempotency_keys (created_at);
CREATE INDEX products.idempotency_keys_thing_id ON idempotency_keys (thing_id);
