-- What a process has taken is leased until then, before it is worked on: a lease that runs out is the trace of a process
-- that died. `deaths` counts how often that happened in a row; with too many the row is set aside, until `leased_until`.
ALTER TABLE products.orders ADD COLUMN leased_until timestamptz;
ALTER TABLE products.orders ADD COLUMN deaths bigint NOT NULL DEFAULT 0;
ALTER TABLE products.orders ADD COLUMN set_aside_at timestamptz;
CREATE INDEX orders_leased_until ON products.orders (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX orders_set_aside_at ON products.orders (set_aside_at) WHERE set_aside_at IS NOT NULL;

-- What a user may have unpaid is bounded: `pieces` are those that the order takes from the stock.
ALTER TABLE products.orders ADD COLUMN pieces bigint NOT NULL DEFAULT 0;
CREATE INDEX orders_unpaid ON products.orders (owner_id, pieces) WHERE status IN ('pending', 'canceling');

-- Moves with every order of a user, so that two processes cannot both give them the last one that they may have.
CREATE TABLE products.buyers (
  owner_id uuid PRIMARY KEY,
  version  bigint NOT NULL
);
