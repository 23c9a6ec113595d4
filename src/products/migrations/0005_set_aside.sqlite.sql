-- What a process has taken is leased until then, before it is worked on: a lease that runs out is the trace of a process
-- that died. `deaths` counts how often that happened in a row; with too many the row is set aside, until `leased_until`.
ALTER TABLE products.orders ADD COLUMN leased_until INTEGER;
ALTER TABLE products.orders ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
ALTER TABLE products.orders ADD COLUMN set_aside_at INTEGER;
CREATE INDEX products.orders_leased_until ON orders (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX products.orders_set_aside_at ON orders (set_aside_at) WHERE set_aside_at IS NOT NULL;

-- What a user may have unpaid is bounded: `pieces` are those that the order takes from the stock.
ALTER TABLE products.orders ADD COLUMN pieces INTEGER NOT NULL DEFAULT 0;
CREATE INDEX products.orders_unpaid ON orders (owner_id, pieces) WHERE status IN ('pending', 'canceling');

-- Moves with every order of a user, so that two processes cannot both give them the last one that they may have.
CREATE TABLE products.buyers (
  owner_id TEXT PRIMARY KEY,
  version  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
