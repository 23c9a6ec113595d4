-- What a process has taken is leased until then, before it is worked on: a lease that runs out is the trace of a process
-- that died. `deaths` counts how often that happened in a row; with too many the row is set aside, until `leased_until`.
ALTER TABLE payments.jobs ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments.jobs ADD COLUMN set_aside_at INTEGER;
CREATE INDEX payments.jobs_leased_until ON jobs (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX payments.jobs_set_aside_at ON jobs (set_aside_at) WHERE set_aside_at IS NOT NULL;

ALTER TABLE payments.attempts ADD COLUMN leased_until INTEGER;
ALTER TABLE payments.attempts ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments.attempts ADD COLUMN set_aside_at INTEGER;
CREATE INDEX payments.attempts_leased_until ON attempts (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX payments.attempts_set_aside_at ON attempts (set_aside_at) WHERE set_aside_at IS NOT NULL;

ALTER TABLE payments.payments ADD COLUMN leased_until INTEGER;
ALTER TABLE payments.payments ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments.payments ADD COLUMN set_aside_at INTEGER;
CREATE INDEX payments.payments_leased_until ON payments (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX payments.payments_set_aside_at ON payments (set_aside_at) WHERE set_aside_at IS NOT NULL;

ALTER TABLE payments.refunds ADD COLUMN leased_until INTEGER;
ALTER TABLE payments.refunds ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments.refunds ADD COLUMN set_aside_at INTEGER;
CREATE INDEX payments.refunds_leased_until ON refunds (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX payments.refunds_set_aside_at ON refunds (set_aside_at) WHERE set_aside_at IS NOT NULL;

ALTER TABLE payments.checkouts ADD COLUMN leased_until INTEGER;
ALTER TABLE payments.checkouts ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments.checkouts ADD COLUMN set_aside_at INTEGER;
CREATE INDEX payments.checkouts_leased_until ON checkouts (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX payments.checkouts_set_aside_at ON checkouts (set_aside_at) WHERE set_aside_at IS NOT NULL;

ALTER TABLE payments.gateway_events ADD COLUMN leased_until INTEGER;
ALTER TABLE payments.gateway_events ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments.gateway_events ADD COLUMN set_aside_at INTEGER;
CREATE INDEX payments.gateway_events_leased_until ON gateway_events (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX payments.gateway_events_set_aside_at ON gateway_events (set_aside_at) WHERE set_aside_at IS NOT NULL;

ALTER TABLE payments.webhook_deliveries ADD COLUMN leased_until INTEGER;
ALTER TABLE payments.webhook_deliveries ADD COLUMN deaths INTEGER NOT NULL DEFAULT 0;
ALTER TABLE payments.webhook_deliveries ADD COLUMN set_aside_at INTEGER;
CREATE INDEX payments.webhook_deliveries_leased_until ON webhook_deliveries (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX payments.webhook_deliveries_set_aside_at ON webhook_deliveries (set_aside_at) WHERE set_aside_at IS NOT NULL;

-- How many tests a user has asked for lately.
CREATE INDEX payments.webhook_deliveries_tests ON webhook_deliveries (owner_id, created_at) WHERE type = 'webhook.test';
