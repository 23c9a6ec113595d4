#include "auth/sessions/sessions.hpp"

#include <algorithm>

#include "access/revocation_feed.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::auth {
namespace {

constexpr std::size_t token_bytes = 32;
constexpr std::size_t user_agent_bytes = 256;

std::int64_t to_seconds(Time time) { return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count(); }

std::string successor_of(std::string const& token, std::string const& rotation_key) {
  return crypto::to_base64url(crypto::hmac_sha256(rotation_key, token));
}

Problem invalid_token() {
  return Problem(problems::invalid_token, {"It is unknown, has expired, or its session has ended.",
                                           "É desconhecido, expirou, ou sua sessão terminou."})
      .with_header("WWW-Authenticate", "Bearer realm=\"balcao\", error=\"invalid_token\"");
}

}  // namespace

Task<Tokens> Sessions::open(User user, std::string address, std::string user_agent) {
  auto const now = clock_.now();
  Session const session{Id<Session>::make(now), user.id, now + settings_.session_life};
  auto refresh_token = crypto::random_token(token_bytes);
  user_agent.resize(std::min(user_agent.size(), user_agent_bytes));
  // A header may hold any bytes, a database's text only UTF-8.
  std::ranges::replace_if(user_agent, [](char c) { return c < ' ' || c > '~'; }, '?');
  co_await store_.insert_session({session, crypto::random_bytes(token_bytes), crypto::sha256(refresh_token),
                                  std::move(address), std::move(user_agent), now});
  co_return issue(user, session, std::move(refresh_token), now);
}

Task<Tokens> Sessions::refresh(std::string refresh_token) {
  auto const hash = crypto::sha256(refresh_token);
  auto const found = co_await store_.find_refresh_token(hash);
  auto const now = clock_.now();
  if (!found || found->session_ended || found->user.disabled || found->session.expires_at <= now ||
      found->issued_at + settings_.refresh_token_life <= now) {
    throw invalid_token();
  }
  if (found->used_at && *found->used_at + settings_.refresh_grace < now) {
    log::warn("a refresh token was used again", {{"session", found->session.id.str()}});
    co_await end(found->session, "refresh_token_reuse");
    throw invalid_token();
  }
  auto successor = successor_of(refresh_token, found->rotation_key);
  if (!co_await store_.rotate(hash, crypto::sha256(successor), found->session.id, now)) throw invalid_token();
  co_return issue(found->user, found->session, std::move(successor), now);
}

Task<> Sessions::close(std::string token) {
  auto const now = clock_.now();
  if (auto const claims = verifier_.verify(token, now, jwt::Lifetime::ignored)) {
    auto const session = Id<Session>::parse(claims->sid);
    auto const user = Id<User>::parse(claims->sub);
    if (!session || !user) throw invalid_token();
    co_return co_await end({*session, *user, now}, "logout");
  }
  auto const found = co_await store_.find_refresh_token(crypto::sha256(token));
  if (!found) throw invalid_token();
  co_await end(found->session, "logout");
}

/// First the database, which is the truth, then this process's memory, then the others.
Task<> Sessions::end(Session session, std::string reason) {
  auto const now = clock_.now();
  co_await store_.end_session(session.id, std::move(reason), now);
  auto const until = now + settings_.access_token_life;
  revocations_.add(session.id.uuid, until);
  co_await access::announce(shared_, {{session.id.uuid, until}});
}

Tokens Sessions::issue(User const& user, Session const& session, std::string refresh_token, Time now) const {
  jwt::Claims claims;
  claims.iss = settings_.issuer;
  claims.aud = settings_.audience;
  claims.client_id = "balcao";
  claims.sub = user.id.str();
  claims.sid = session.id.str();
  claims.jti = Uuid::make(now).str();
  claims.role = to_string(user.role);
  claims.iat = to_seconds(now);
  auto const session_left = std::chrono::floor<std::chrono::seconds>(session.expires_at - now);
  auto const life = std::min(settings_.access_token_life, session_left);  // no token outlives its session
  claims.exp = claims.iat + life.count();
  return {signer_.sign(claims), life, std::move(refresh_token), std::min(settings_.refresh_token_life, session_left),
          session.id};
}

}  // namespace balcao::auth
