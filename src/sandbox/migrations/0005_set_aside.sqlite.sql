-- What a process has taken is leased until then, before it is worked on: a lease that runs out is the trace of a process
-- that died. `deaths` counts how often that happened in a row; with too many the row is set aside, until `leased_until`.
ALTER TABLE sandbox.jobs ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sandbox.jobs ADD COLUMN set_aside_at INTEGER;
CREATE INDEX sandbox.jobs_leased_until ON jobs (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX sandbox.jobs_set_aside_at ON jobs (set_aside_at) WHERE set_aside_at IS NOT NULL;
