#include "auth/clients/client_tokens.hpp"

#include <algorithm>

#include "access/guard.hpp"
#include "auth/limits/quota.hpp"
#include "auth/sessions/claims.hpp"
#include "platform/crypto/hash.hpp"

namespace balcao::auth {

Task<std::optional<ServiceToken>> ClientTokens::grant(ClientState proven, std::optional<std::string> wanted,
                                                      Origin origin) {
  auto const& account = proven.account;
  auto const scope = wanted ? narrow(account.scope, *wanted) : std::optional(account.scope);
  if (!scope) co_return std::nullopt;
  auto const key = "token:client:" + account.id.str();
  co_await count_grant(key);
  auto const now = ground_.clock.now();
  auto const life = ground_.settings.access_token_life;
  Session const session{Id<Session>::make(now), account.id, now + life};
  std::exception_ptr failure;
  try {
    if (!co_await ground_.store.insert_session({session, proven, std::move(origin), now})) co_return std::nullopt;
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {  // nothing was granted: a program that tries again must not use its limit up
    co_await ground_.shared.count(key, -1, life);
    std::rethrow_exception(failure);
  }

  auto claims = claims_of(session, ground_.settings, now, life);
  claims.client_id = claims.sub;  // RFC 9068 §2.2
  claims.scope = *scope;
  claims.role = access::role_service;
  co_return ServiceToken{ground_.signer.sign(claims), life, *scope};
}

Task<> ClientTokens::count_grant(std::string key) {
  auto const window = ground_.settings.access_token_life;
  auto const count = co_await ground_.shared.count(std::move(key), 1, window);
  auto const quota = quota_of("client", count, ground_.settings.tokens_per_client, window, ground_.clock.now());
  if (!quota.exceeded) co_return;
  throw over_quota({"This program has been granted too many tokens. Use each one until it expires.",
                    "Este programa já obteve tokens demais. Use cada um até expirar."},
                   quota);
}

Task<std::optional<LiveToken>> ClientTokens::introspect(std::string token) {
  auto const now = ground_.clock.now();
  auto const claims = ground_.verifier.verify(token, now);
  if (!claims) co_return co_await introspect_refresh_token(std::move(token), now);
  auto const session = Id<Session>::parse(claims->sid);
  auto const user = Id<User>::parse(claims->sub);
  if (!session || !user) co_return std::nullopt;
  auto const live = co_await ground_.store.find_live_session(*session, *user, now);
  if (!live) co_return std::nullopt;
  co_return LiveToken{claims->scope, claims->client_id, live->username, "Bearer",    claims->exp, claims->iat,
                      claims->sub,   claims->aud,       claims->iss,    claims->jti, claims->sid, claims->role};
}

Task<std::optional<LiveToken>> ClientTokens::introspect_refresh_token(std::string token, Time now) {
  auto const found = co_await ground_.session_store.find_refresh_token(crypto::sha256(token));
  if (!found || found->session_ended || found->user.disabled) co_return std::nullopt;
  auto const expires_at = std::min(found->session.expires_at, found->issued_at + ground_.settings.refresh_token_life);
  bool const is_used_up = found->used_at && *found->used_at + ground_.settings.refresh_grace < now;
  if (expires_at <= now || is_used_up) co_return std::nullopt;
  LiveToken live;
  live.client_id = own_client_id;
  live.username = found->user.username;
  live.exp = to_seconds(expires_at);
  live.iat = to_seconds(found->issued_at);
  live.sub = found->user.id.str();
  live.iss = ground_.settings.issuer;
  live.sid = found->session.id.str();
  live.role = to_string(found->user.role);
  co_return live;
}

Task<Revocation> ClientTokens::revoke(Id<User> client, std::string token, Origin origin) {
  auto const now = ground_.clock.now();
  auto const claims = ground_.verifier.verify(token, now, jwt::Lifetime::ignored);
  if (!claims) {
    // Refresh tokens are of users alone: the one that is known is another's.
    auto const found = co_await ground_.session_store.find_refresh_token(crypto::sha256(token));
    co_return found ? Revocation::of_another_client : Revocation::done;
  }
  if (claims->client_id != client.str()) co_return Revocation::of_another_client;
  if (auto const session = Id<Session>::parse(claims->sid)) {
    auto entry = ground_.audit.entry_of_session(Event::token_revoked, *session, origin);
    co_await ground_.session_store.end_session(*session, std::string(to_string(Event::token_revoked)), now,
                                               std::move(entry));
    co_await ground_.endings.announce({*session});
  }
  co_return Revocation::done;
}

}  // namespace balcao::auth
