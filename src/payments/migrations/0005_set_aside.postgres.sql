-- What a process has taken is leased until then, before it is worked on: a lease that runs out is the trace of a process
-- that died. `deaths` counts how often that happened in a row; with too many the row is set aside, until `leased_until`.
ALTER TABLE payments.jobs ADD COLUMN deaths bigint NOT NULL DEFAULT 0;
ALTER TABLE payments.jobs ADD COLUMN set_aside_at timestamptz;
CREATE INDEX jobs_leased_until ON payments.jobs (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX jobs_set_aside_at ON payments.jobs (set_aside_at) WHERE set_aside_at IS NOT NULL;

ALTER TABLE payments.attempts ADD COLUMN leased_until timestamptz;
ALTER TABLE payments.attempts ADD COLUMN deaths bigint NOT NULL DEFAULT 0;
ALTER TABLE payments.attempts ADD COLUMN set_aside_at timestamptz;
CREATE INDEX attempts_leased_until ON payments.attempts (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX attempts_set_aside_at ON payments.attempts (set_aside_at) WHERE set_aside_at IS NOT NULL;

ALTER TABLE payments.payments ADD COLUMN leased_until timestamptz;
ALTER TABLE payments.payments ADD COLUMN deaths bigint NOT NULL DEFAULT 0;
ALTER TABLE payments.payments ADD COLUMN set_aside_at timestamptz;
CREATE INDEX payments_leased_until ON payments.payments (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX payments_set_aside_at ON payments.payments (set_aside_at) WHERE set_aside_at IS NOT NULL;

ALTER TABLE payments.refunds ADD COLUMN leased_until timestamptz;
ALTER TABLE payments.refunds ADD COLUMN deaths bigint NOT NULL DEFAULT 0;
ALTER TABLE payments.refunds ADD COLUMN set_aside_at timestamptz;
CREATE INDEX refunds_leased_until ON payments.refunds (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX refunds_set_aside_at ON payments.refunds (set_aside_at) WHERE set_aside_at IS NOT NULL;

ALTER TABLE payments.checkouts ADD COLUMN leased_until timestamptz;
ALTER TABLE payments.checkouts ADD COLUMN deaths bigint NOT NULL DEFAULT 0;
ALTER TABLE payments.checkouts ADD COLUMN set_aside_at timestamptz;
CREATE INDEX checkouts_leased_until ON payments.checkouts (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX checkouts_set_aside_at ON payments.checkouts (set_aside_at) WHERE set_aside_at IS NOT NULL;

ALTER TABLE payments.gateway_events ADD COLUMN leased_until timestamptz;
ALTER TABLE payments.gateway_events ADD COLUMN deaths bigint NOT NULL DEFAULT 0;
ALTER TABLE payments.gateway_events ADD COLUMN set_aside_at timestamptz;
CREATE INDEX gateway_events_leased_until ON payments.gateway_events (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX gateway_events_set_aside_at ON payments.gateway_events (set_aside_at) WHERE set_aside_at IS NOT NULL;

ALTER TABLE payments.webhook_deliveries ADD COLUMN leased_until timestamptz;
ALTER TABLE payments.webhook_deliveries ADD COLUMN deaths bigint NOT NULL DEFAULT 0;
ALTER TABLE payments.webhook_deliveries ADD COLUMN set_aside_at timestamptz;
CREATE INDEX webhook_deliveries_leased_until ON payments.webhook_deliveries (leased_until) WHERE leased_until IS NOT NULL;
CREATE INDEX webhook_deliveries_set_aside_at ON payments.webhook_deliveries (set_aside_at) WHERE set_aside_at IS NOT NULL;

-- How many tests a user has asked for lately.
CREATE INDEX webhook_deliveries_tests ON payments.webhook_deliveries (owner_id, created_at) WHERE type = 'webhook.test';
