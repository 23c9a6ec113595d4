-- What a product is found by: its words as products::search_text_of folds them, each once, a space between two. A row
-- that leaves it NULL is found by nothing until the service has filled it, which it does in the background.
ALTER TABLE products.products ADD COLUMN search_text TEXT;
CREATE INDEX products.products_without_search_text ON products (id) WHERE search_text IS NULL;

CREATE INDEX products.products_currency ON products (currency, price, id) WHERE deleted_at IS NULL AND active;

-- Every word of every product that is for sale. The triggers keep it; nobody else writes it.
CREATE TABLE products.search_words (
  word       TEXT NOT NULL,
  product_id TEXT NOT NULL,
  PRIMARY KEY (word, product_id)
) STRICT, WITHOUT ROWID;

-- How else a word may be spelt: itself, and itself without one of its letters.
CREATE TABLE products.search_spellings (
  spelling TEXT NOT NULL,
  word     TEXT NOT NULL,
  PRIMARY KEY (spelling, word)
) STRICT, WITHOUT ROWID;

-- Words are letters and digits, so the list of them is JSON once its commas are set.
CREATE TRIGGER products.products_are_indexed AFTER INSERT ON products
WHEN new.search_text <> '' AND new.active AND new.deleted_at IS NULL
BEGIN
  INSERT OR IGNORE INTO search_words (word, product_id)
  SELECT value, new.id FROM json_each('["' || replace(new.search_text, ' ', '","') || '"]');
END;

CREATE TRIGGER products.products_are_indexed_anew AFTER UPDATE OF search_text, active, deleted_at ON products
WHEN old.search_text IS NOT new.search_text OR old.active <> new.active
  OR (old.deleted_at IS NULL) <> (new.deleted_at IS NULL)
BEGIN
  DELETE FROM search_words
  WHERE product_id = old.id
    AND word IN (SELECT value FROM json_each('["' || replace(old.search_text, ' ', '","') || '"]'));
  INSERT OR IGNORE INTO search_words (word, product_id)
  SELECT value, new.id FROM json_each('["' || replace(new.search_text, ' ', '","') || '"]')
  WHERE new.search_text <> '' AND new.active AND new.deleted_at IS NULL;
END;
