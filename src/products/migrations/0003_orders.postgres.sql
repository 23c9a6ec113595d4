-- An order with what it names, as it was when it was ordered. Whom it is of is known by an id alone. `payment` says how
-- it is to be paid, and may say who pays: it is kept only until Payments has it.
CREATE TABLE products.orders (
  id             uuid PRIMARY KEY,
  owner_id       uuid NOT NULL,
  status         text NOT NULL CONSTRAINT orders_status_check CHECK (status IN
    ('pending', 'canceling', 'paid', 'failed', 'expired', 'canceled', 'refunding', 'refunded')),
  ending         text CONSTRAINT orders_ending_check CHECK (ending IN ('failed', 'expired', 'canceled')),
  currency       text NOT NULL,
  total          bigint NOT NULL CONSTRAINT orders_total_check CHECK (total BETWEEN 1 AND 99999999),
  items          text NOT NULL,
  method_given   boolean NOT NULL,
  payment        text CONSTRAINT orders_payment_check CHECK (payment IS NULL OR status = 'pending'),
  payment_id     uuid,
  payment_status text,
  fault          text,
  refund_id      uuid,
  holds_stock    boolean NOT NULL,
  version        bigint NOT NULL,
  due_at         timestamptz,
  tries          bigint NOT NULL,
  expires_at     timestamptz NOT NULL,
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  CONSTRAINT orders_canceling_check CHECK ((status = 'canceling') = (ending IS NOT NULL)),
  CONSTRAINT orders_stock_check CHECK (status IN ('refunding', 'refunded')
    OR holds_stock = (status IN ('pending', 'canceling', 'paid'))),
  CONSTRAINT orders_due_check CHECK (due_at IS NOT NULL OR status NOT IN ('pending', 'canceling'))
);

CREATE INDEX orders_owner_id ON products.orders (owner_id, id);
CREATE INDEX orders_status ON products.orders (status, id);
CREATE INDEX orders_due_at ON products.orders (due_at) WHERE due_at IS NOT NULL;

-- What is final stays so, and what was given back to the stock is not given back again.
CREATE FUNCTION products.refuse_way() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an order that is % does not become %', OLD.status, NEW.status
    USING ERRCODE = 'check_violation', CONSTRAINT = 'orders_ways_check';
END $$;
CREATE TRIGGER orders_ways BEFORE UPDATE ON products.orders FOR EACH ROW
  WHEN ((NEW.status <> OLD.status AND OLD.status || ' ' || NEW.status NOT IN
    ('pending canceling', 'pending paid', 'pending expired', 'pending canceled', 'canceling paid', 'canceling failed',
     'canceling expired', 'canceling canceled', 'paid refunding', 'paid refunded', 'refunding refunded',
     'refunding paid', 'refunded refunding', 'refunded paid'))
    OR (NEW.holds_stock AND NOT OLD.holds_stock)) EXECUTE FUNCTION products.refuse_way();

-- What a client's Idempotency-Key stands for: the request, the thing that it made, and the answer once there is one.
CREATE TABLE products.idempotency_keys (
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

CREATE INDEX idempotency_keys_created_at ON products.idempotency_keys (created_at);
CREATE INDEX idempotency_keys_thing_id ON products.idempotency_keys (thing_id);
