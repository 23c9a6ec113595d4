-- Every kind of object beside customers, as the API shows it; the other columns are what lists ask for.
CREATE TABLE sandbox.objects (
  id text PRIMARY KEY,
  kind text NOT NULL,
  created_at timestamptz NOT NULL,
  version bigint NOT NULL,
  resource text NOT NULL,
  customer text,
  payment_intent text,
  source text,
  type text,
  currency text,
  net bigint
);

CREATE INDEX objects_by_time ON sandbox.objects (kind, created_at, id);
CREATE INDEX objects_by_customer ON sandbox.objects (customer, kind, created_at, id) WHERE customer IS NOT NULL;
CREATE INDEX objects_by_payment_intent ON sandbox.objects (payment_intent, kind, created_at, id)
  WHERE payment_intent IS NOT NULL;
CREATE INDEX objects_by_source ON sandbox.objects (source, kind, created_at, id) WHERE source IS NOT NULL;
