CREATE TABLE sandbox.jobs (
  id           uuid PRIMARY KEY,
  kind         text NOT NULL,
  key          text NOT NULL,
  payload      text NOT NULL,
  run_at       timestamptz NOT NULL,
  attempts     bigint NOT NULL,
  leased_until timestamptz,
  done_at      timestamptz,
  last_error   text,
  CONSTRAINT jobs_kind_key UNIQUE (kind, key)
);

CREATE INDEX jobs_due ON sandbox.jobs (run_at) WHERE done_at IS NULL;
CREATE INDEX jobs_done ON sandbox.jobs (done_at) WHERE done_at IS NOT NULL;
