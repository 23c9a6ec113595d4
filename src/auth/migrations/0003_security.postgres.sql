-- A person who asked to be forgotten: the row stays, so that what refers to it does, and says nothing of him.
ALTER TABLE auth.users ADD COLUMN erased_at timestamptz;

-- Where someone has logged in from: whoever guesses at his password from elsewhere cannot shut him out there.
CREATE TABLE auth.devices (
  user_id      uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  device_hash  bytea NOT NULL,
  last_used_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, device_hash)
);

CREATE INDEX devices_last_used_at ON auth.devices (last_used_at);

ALTER TABLE auth.signing_keys
  ADD COLUMN algorithm text NOT NULL DEFAULT 'EdDSA' CONSTRAINT signing_keys_algorithm_check CHECK (algorithm IN ('EdDSA', 'ES256')),
  ADD COLUMN sealed boolean NOT NULL DEFAULT false,
  ADD COLUMN signs_from timestamptz;

-- Under which names (`iss`) the processes that run Auth sign tokens.
CREATE TABLE auth.issuers (
  issuer  text PRIMARY KEY,
  seen_at timestamptz NOT NULL
);

-- A user that is a program: it has a secret in place of a password, and scopes in place of a role.
CREATE TABLE auth.service_accounts (
  user_id           uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  secret_hash       bytea NOT NULL,
  scopes            text NOT NULL,
  created_at        timestamptz NOT NULL,
  secret_changed_at timestamptz NOT NULL
);

CREATE TABLE auth.second_factors (
  user_id      uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  secret       bytea NOT NULL,
  sealed       boolean NOT NULL,
  created_at   timestamptz NOT NULL,
  confirmed_at timestamptz,
  last_step    bigint NOT NULL
);

CREATE TABLE auth.recovery_codes (
  user_id    uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  code_hash  bytea NOT NULL,
  created_at timestamptz NOT NULL,
  used_at    timestamptz,
  PRIMARY KEY (user_id, code_hash)
);

-- The links that let the first administrator in.
CREATE TABLE auth.setup_links (
  token_hash bytea PRIMARY KEY,
  expires_at timestamptz NOT NULL
);

-- What happened, who did it (nobody: the command line, or someone unknown), to whom, and from where.
CREATE TABLE auth.audit (
  id         uuid PRIMARY KEY,
  created_at timestamptz NOT NULL,
  event      text NOT NULL,
  actor_id   uuid,
  user_id    uuid,
  address    text NOT NULL,
  user_agent text NOT NULL,
  details    text NOT NULL
);

CREATE INDEX audit_user_id ON auth.audit (user_id, id);
CREATE INDEX audit_event ON auth.audit (event, id);

CREATE FUNCTION auth.audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is append-only';
END $$;

CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON auth.audit
  FOR EACH STATEMENT EXECUTE FUNCTION auth.audit_is_append_only();
