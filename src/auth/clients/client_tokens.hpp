#pragma once

#include "auth/clients/service_accounts.hpp"
#include "auth/sessions/store.hpp"
#include "platform/jwt/jwt.hpp"

namespace balcao::auth {

/// What is to be said of a token that lives (RFC 7662 §2.2). A refresh token has no `token_type`, `aud` and `jti`.
struct LiveToken {
  std::string scope;
  std::string client_id;
  std::string username;
  std::string token_type;
  std::int64_t exp = 0;
  std::int64_t iat = 0;
  std::string sub;
  std::string aud;
  std::string iss;
  std::string jti;
  std::string sid;
  std::string role;
};

enum class Revocation { done, of_another_client };

/// What a client may do with tokens: be granted them (RFC 6749 §4.4), ask about them (RFC 7662), end its own (RFC
/// 7009).
class ClientTokens {
 public:
  struct Ground {
    ClientStore& store;
    SessionStore& session_store;
    Audit& audit;
    jwt::Signer const& signer;
    jwt::Verifier const& verifier;
    Endings& endings;
    shared::SharedState& shared;
    Clock const& clock;
    Settings const& settings;
  };

  /// What it is given must outlive it.
  explicit ClientTokens(Ground ground) : ground_(ground) {}

  /// A token with the wanted part of the account's scopes, or with all of them; one without any is good for
  /// introspection alone. Each has a session of its own, so that it can be ended by itself. Nothing where a scope is
  /// not granted, or the account has changed since it proved who it is. Problem too_many_requests where it was granted
  /// too many within a token's life: so there is a bound to its sessions, open and ended, that all must remember. No
  /// token that is in use is ended for that.
  Task<std::optional<ServiceToken>> grant(ClientState proven, std::optional<std::string> wanted, Origin origin);

  /// Of an access token or a refresh token; nothing where it is unknown, has expired, its session has ended, or its
  /// user is shut out. The database is asked, so it is true on every process at once.
  Task<std::optional<LiveToken>> introspect(std::string token);

  /// Ends the session of a token that was issued to this client. What is no token of ours, or is over already, is done.
  Task<Revocation> revoke(Id<User> client, std::string token, Origin origin);

 private:
  Task<> count_grant(std::string key);
  Task<std::optional<LiveToken>> introspect_refresh_token(std::string token, Time now);

  Ground const ground_;
};

}  // namespace balcao::auth
