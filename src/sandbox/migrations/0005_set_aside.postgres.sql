-- What a process has taken is leased until then, before it is worked on: a lease that runs out is the trace of a process
-- that died. `deaths` counts how often that happened in a row; with too many the row is set aside, until `leased_until`.
ALTER TABLE sandbox.jobs ADD COLUMN deaths bigint NOT NULL DEFAULT 0;
ALTER TABLE sandbox.jobs ADD COLUMN set_aside_at timestamptz;
CREATE INDEX jobs_leased_until ON sandbox.jobs (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX jobs_set_aside_at ON sandbox.jobs (set_aside_at) WHERE set_aside_at IS NOT NULL;
