-- A login counts the user's open sessions, which may be few among many that have ended.
CREATE INDEX auth.sessions_open ON sessions (user_id) WHERE ended_at IS NULL;

-- Ended sessions are read in pages, and thousands may have ended at once.
DROP INDEX auth.sessions_ended_at;
CREATE INDEX auth.sessions_ended_at ON sessions (ended_at, id) WHERE ended_at IS NOT NULL;
