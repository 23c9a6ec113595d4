CREATE TABLE products.products (
  id          TEXT PRIMARY KEY,
  owner_id    TEXT NOT NULL,
  name        TEXT NOT NULL,
  description TEXT NOT NULL,
  price       INTEGER NOT NULL CONSTRAINT products_price_check CHECK (price BETWEEN 0 AND 99999999),
  currency    TEXT NOT NULL CONSTRAINT products_currency_check CHECK (length(currency) = 3),
  stock       INTEGER CONSTRAINT products_stock_check CHECK (stock >= 0),
  image_url   TEXT,
  active      INTEGER NOT NULL CONSTRAINT products_active_check CHECK (active IN (0, 1)),
  version     INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  deleted_at  INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX products.products_price ON products (price, id) WHERE deleted_at IS NULL AND active;
CREATE INDEX products.products_name ON products (name, id) WHERE deleted_at IS NULL AND active;
CREATE INDEX products.products_owner_id ON products (owner_id, id) WHERE deleted_at IS NULL AND active;
