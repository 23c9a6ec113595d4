-- A customer whose person asked to be forgotten: the row stays, for the books, and says nothing of him.
ALTER TABLE payments.clients ADD COLUMN erased_at INTEGER;
