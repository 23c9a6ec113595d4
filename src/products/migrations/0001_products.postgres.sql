CREATE TABLE products.products (
  id          uuid PRIMARY KEY,
  owner_id    uuid NOT NULL,
  name        text COLLATE "C" NOT NULL,
  description text NOT NULL,
  price       bigint NOT NULL CONSTRAINT products_price_check CHECK (price BETWEEN 0 AND 99999999),
  currency    text NOT NULL CONSTRAINT products_currency_check CHECK (length(currency) = 3),
  stock       bigint CONSTRAINT products_stock_check CHECK (stock >= 0),
  image_url   text,
  active      boolean NOT NULL,
  version     bigint NOT NULL,
  created_at  timestamptz NOT NULL,
  updated_at  timestamptz NOT NULL,
  deleted_at  timestamptz
);

CREATE INDEX products_price ON products.products (price, id) WHERE deleted_at IS NULL AND active;
CREATE INDEX products_name ON products.products (name, id) WHERE deleted_at IS NULL AND active;
CREATE INDEX products_owner_id ON products.products (owner_id, id) WHERE deleted_at IS NULL AND active;
