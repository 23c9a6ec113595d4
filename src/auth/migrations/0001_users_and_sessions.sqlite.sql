CREATE TABLE auth.users (
  id            TEXT PRIMARY KEY,
  username      TEXT NOT NULL CONSTRAINT users_username_key UNIQUE,
  password_hash TEXT NOT NULL,
  role          TEXT NOT NULL CONSTRAINT users_role_check CHECK (role IN ('user', 'admin')),
  disabled_at   INTEGER,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE auth.sessions (
  id           TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  rotation_key BLOB NOT NULL,
  address      TEXT NOT NULL,
  user_agent   TEXT NOT NULL,
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  ended_at     INTEGER,
  end_reason   TEXT,
  CONSTRAINT sessions_end_check CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX auth.sessions_user_id ON sessions (user_id);
CREATE INDEX auth.sessions_ended_at ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX auth.sessions_expires_at ON sessions (expires_at);

CREATE TABLE auth.refresh_tokens (
  token_hash BLOB PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  issued_at  INTEGER NOT NULL,
  used_at    INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX auth.refresh_tokens_session_id ON refresh_tokens (session_id);

CREATE TABLE auth.signing_keys (
  kid         TEXT PRIMARY KEY,
  private_key BLOB NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
