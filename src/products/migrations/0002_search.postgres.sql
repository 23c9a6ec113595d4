-- What a product is found by: its words as products::search_text_of folds them, each once, a space between two. A row
-- that leaves it NULL is found by nothing until the service has filled it, which it does in the background.
ALTER TABLE products.products ADD COLUMN search_text text COLLATE "C";
CREATE INDEX products_without_search_text ON products.products (id) WHERE search_text IS NULL;

CREATE INDEX products_currency ON products.products (currency, price, id) WHERE deleted_at IS NULL AND active;

-- Every word of every product that is for sale. The triggers keep it; nobody else writes it.
CREATE TABLE products.search_words (
  word       text COLLATE "C" NOT NULL,
  product_id uuid NOT NULL,
  PRIMARY KEY (word, product_id)
);

-- How else a word may be spelt: itself, and itself without one of its letters.
CREATE TABLE products.search_spellings (
  spelling text COLLATE "C" NOT NULL,
  word     text COLLATE "C" NOT NULL,
  PRIMARY KEY (spelling, word)
);

CREATE FUNCTION products.index_new_products() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO products.search_words (word, product_id)
  SELECT word, id FROM new_products, unnest(string_to_array(search_text, ' ')) AS word
  WHERE word <> '' AND active AND deleted_at IS NULL
  ORDER BY word
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE TRIGGER products_are_indexed AFTER INSERT ON products.products
  REFERENCING NEW TABLE AS new_products
  FOR EACH STATEMENT EXECUTE FUNCTION products.index_new_products();

CREATE FUNCTION products.index_changed_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM products.search_words
  WHERE word = ANY (string_to_array(OLD.search_text, ' ')) AND product_id = OLD.id;
  INSERT INTO products.search_words (word, product_id)
  SELECT word, NEW.id FROM unnest(string_to_array(NEW.search_text, ' ')) AS word
  WHERE word <> '' AND NEW.active AND NEW.deleted_at IS NULL
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

CREATE TRIGGER products_are_indexed_anew AFTER UPDATE OF search_text, active, deleted_at ON products.products
  FOR EACH ROW WHEN (
    OLD.search_text IS DISTINCT FROM NEW.search_text OR OLD.active <> NEW.active
    OR (OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL))
  EXECUTE FUNCTION products.index_changed_product();
