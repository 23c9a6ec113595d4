CREATE TABLE auth.users (
  id            uuid PRIMARY KEY,
  username      text NOT NULL CONSTRAINT users_username_key UNIQUE,
  password_hash text NOT NULL,
  role          text NOT NULL CONSTRAINT users_role_check CHECK (role IN ('user', 'admin')),
  disabled_at   timestamptz,
  created_at    timestamptz NOT NULL,
  updated_at    timestamptz NOT NULL
);

CREATE TABLE auth.sessions (
  id           uuid PRIMARY KEY,
  user_id      uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  rotation_key bytea NOT NULL,
  address      text NOT NULL,
  user_agent   text NOT NULL,
  created_at   timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  ended_at     timestamptz,
  end_reason   text,
  CONSTRAINT sessions_end_check CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);

CREATE INDEX sessions_user_id ON auth.sessions (user_id);
CREATE INDEX sessions_ended_at ON auth.sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_expires_at ON auth.sessions (expires_at);

CREATE TABLE auth.refresh_tokens (
  token_hash bytea PRIMARY KEY,
  session_id uuid NOT NULL REFERENCES auth.sessions (id) ON DELETE CASCADE,
  issued_at  timestamptz NOT NULL,
  used_at    timestamptz
);

CREATE INDEX refresh_tokens_session_id ON auth.refresh_tokens (session_id);

CREATE TABLE auth.signing_keys (
  kid         text PRIMARY KEY,
  private_key bytea NOT NULL,
  created_at  timestamptz NOT NULL
);
