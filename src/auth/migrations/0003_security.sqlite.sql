-- A person who asked to be forgotten: the row stays, so that what refers to it does, and says nothing of him.
ALTER TABLE auth.users ADD COLUMN erased_at INTEGER;

-- Where someone has logged in from: whoever guesses at his password from elsewhere cannot shut him out there.
CREATE TABLE auth.devices (
  user_id      TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  device_hash  BLOB NOT NULL,
  last_used_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, device_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX auth.devices_last_used_at ON devices (last_used_at);

ALTER TABLE auth.signing_keys ADD COLUMN algorithm TEXT NOT NULL DEFAULT 'EdDSA' CONSTRAINT signing_keys_algorithm_check CHECK (algorithm IN ('EdDSA', 'ES256'));
ALTER TABLE auth.signing_keys ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE auth.signing_keys ADD COLUMN signs_from INTEGER;

-- Under which names (`iss`) the processes that run Auth sign tokens.
CREATE TABLE auth.issuers (
  issuer  TEXT PRIMARY KEY,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A user that is a program: it has a secret in place of a password, and scopes in place of a role.
CREATE TABLE auth.service_accounts (
  user_id           TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  secret_hash       BLOB NOT NULL,
  scopes            TEXT NOT NULL,
  created_at        INTEGER NOT NULL,
  secret_changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE auth.second_factors (
  user_id      TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  secret       BLOB NOT NULL,
  sealed       INTEGER NOT NULL,
  created_at   INTEGER NOT NULL,
  confirmed_at INTEGER,
  last_step    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE auth.recovery_codes (
  user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  code_hash  BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  used_at    INTEGER,
  PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;

-- The links that let the first administrator in.
CREATE TABLE auth.setup_links (
  token_hash BLOB PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What happened, who did it (nobody: the command line, or someone unknown), to whom, and from where.
CREATE TABLE auth.audit (
  id         TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL,
  event      TEXT NOT NULL,
  actor_id   TEXT,
  user_id    TEXT,
  address    TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  details    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX auth.audit_user_id ON audit (user_id, id);
CREATE INDEX auth.audit_event ON audit (event, id);

CREATE TRIGGER auth.audit_is_never_changed BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
CREATE TRIGGER auth.audit_is_never_shortened BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'the audit trail is append-only');
END;
