-- An owner's products are exported in the order of their ids whether they are for sale or not; lists of those for sale
-- are served by the same index.
DROP INDEX products.products_owner_id;
CREATE INDEX products_owner_id ON products.products (owner_id, id) WHERE deleted_at IS NULL;

-- A mark for each batch that the command line has imported, from which a running server learns that its pages are old.
CREATE TABLE products.imports (
  id        uuid PRIMARY KEY,
  stored_at timestamptz NOT NULL
);
