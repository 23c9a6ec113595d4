-- A login counts the user's open sessions, which may be few among many that have ended.
CREATE INDEX sessions_open ON auth.sessions (user_id) WHERE ended_at IS NULL;

-- Ended sessions are read in pages, and thousands may have ended at once.
DROP INDEX auth.sessions_ended_at;
CREATE INDEX sessions_ended_at ON auth.sessions (ended_at, id) WHERE ended_at IS NOT NULL;
