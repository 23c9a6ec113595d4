-- Every kind of object beside customers, as the API shows it; the other columns are what lists ask for.
CREATE TABLE sandbox.objects (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  resource TEXT NOT NULL,
  customer TEXT,
  payment_intent TEXT,
  source TEXT,
  type TEXT,
  currency TEXT,
  net INTEGER
) STRICT;

CREATE INDEX sandbox.objects_by_time ON objects (kind, created_at, id);
CREATE INDEX sandbox.objects_by_customer ON objects (customer, kind, created_at, id) WHERE customer IS NOT NULL;
CREATE INDEX sandbox.objects_by_payment_intent ON objects (payment_intent, kind, created_at, id)
  WHERE payment_intent IS NOT NULL;
CREATE INDEX sandbox.objects_by_source ON objects (source, kind, created_at, id) WHERE source IS NOT NULL;
