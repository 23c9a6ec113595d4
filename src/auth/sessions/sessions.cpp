#include "auth/sessions/sessions.hpp"

#include <algorithm>

#include "auth/login/attempts.hpp"
#include "auth/sessions/claims.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::auth {
namespace {

constexpr std::size_t token_bytes = 32;

std::string successor_of(std::string const& token, std::string const& rotation_key) {
  return crypto::to_base64url(crypto::hmac_sha256(rotation_key, token));
}

Problem invalid_token() {
  return Problem(problems::invalid_token, {"It is unknown, has expired, or its session has ended.",
                                           "É desconhecido, expirou, ou sua sessão terminou."})
      .with_header("WWW-Authenticate", "Bearer realm=\"balcao\", error=\"invalid_token\"");
}

}  // namespace

Task<std::optional<Tokens>> Sessions::open(Credentials proven, Origin origin) {
  auto const now = ground_.clock.now();
  auto const& user = proven.user;
  Session const session{Id<Session>::make(now), user.id, now + ground_.settings.session_life};
  auto refresh_token = crypto::random_token(token_bytes);
  auto const most = ground_.settings.sessions_per_user;
  std::vector<db::Call> audit;
  audit.push_back(ground_.audit.entry(Event::logged_in, {user.id, origin}, user.id));
  audit.push_back(ground_.audit.entry_of_surplus(Event::session_limit_reached, session, most, origin));
  auto ended = co_await ground_.store.insert_session(
      {session, crypto::random_bytes(token_bytes), crypto::sha256(refresh_token), origin, device_hash(origin),
       proven.password_hash, now},
      std::move(audit), most, std::string(to_string(Event::session_limit_reached)));
  if (!ended) co_return std::nullopt;
  if (!ended->empty()) co_await ground_.endings.announce(std::move(*ended));
  co_return issue(user, session, std::move(refresh_token), now);
}

Task<Tokens> Sessions::refresh(std::string refresh_token, Origin origin) {
  auto const& settings = ground_.settings;
  auto const hash = crypto::sha256(refresh_token);
  auto const found = co_await ground_.store.find_refresh_token(hash);
  auto const now = ground_.clock.now();
  if (!found || found->session_ended || found->user.disabled || found->session.expires_at <= now ||
      found->issued_at + settings.refresh_token_life <= now) {
    throw invalid_token();
  }
  if (found->used_at && *found->used_at + settings.refresh_grace < now) {
    log::warn("a refresh token was used again", {{"session", found->session.id.str()}});
    co_await end(found->session.id, Event::refresh_token_reused, std::move(origin));
    throw invalid_token();
  }
  auto successor = successor_of(refresh_token, found->rotation_key);
  if (!co_await ground_.store.rotate(hash, crypto::sha256(successor), found->session.id, now)) throw invalid_token();
  co_return issue(found->user, found->session, std::move(successor), now);
}

Task<> Sessions::close(std::string token, Origin origin) {
  if (auto const claims = ground_.verifier.verify(token, ground_.clock.now(), jwt::Lifetime::ignored)) {
    auto const session = Id<Session>::parse(claims->sid);
    if (!session) throw invalid_token();
    co_return co_await end(*session, Event::logged_out, std::move(origin));
  }
  auto const found = co_await ground_.store.find_refresh_token(crypto::sha256(token));
  if (!found) throw invalid_token();
  co_await end(found->session.id, Event::logged_out, std::move(origin));
}

Task<std::vector<OpenSession>> Sessions::list(Id<User> user, std::optional<Id<Session>> after, std::size_t limit) {
  auto const now = ground_.clock.now();
  co_return co_await ground_.store.list({user, now, now - ground_.settings.refresh_token_life, after, limit});
}

Task<> Sessions::end_own(Id<User> user, Id<Session> session, Origin origin) {
  if (!co_await ground_.store.is_open_of(user, session, ground_.clock.now())) {
    throw Problem(balcao::problems::not_found, {"There is no such session.", "Não existe esta sessão."});
  }
  co_await end(session, Event::session_ended, std::move(origin));
}

Task<> Sessions::end_all(Actor actor, Id<User> user, std::optional<Id<Session>> except) {
  auto audit = ground_.audit.entry(Event::sessions_ended, actor, user);
  auto ended = co_await ground_.store.end_all(user, except, std::string(to_string(Event::sessions_ended)),
                                              ground_.clock.now(), std::move(audit));
  co_await ground_.endings.announce(std::move(ended));
}

Task<> Sessions::end(Id<Session> session, Event event, Origin origin) {
  co_await ground_.store.end_session(session, std::string(to_string(event)), ground_.clock.now(),
                                     ground_.audit.entry_of_session(event, session, origin));
  co_await ground_.endings.announce({session});
}

Tokens Sessions::issue(User const& user, Session const& session, std::string refresh_token, Time now) const {
  auto const session_left = std::chrono::floor<std::chrono::seconds>(session.expires_at - now);
  auto const life = std::min(ground_.settings.access_token_life, session_left);  // no token outlives its session
  auto claims = claims_of(session, ground_.settings, now, life);
  claims.client_id = own_client_id;
  claims.role = to_string(user.role);
  return {ground_.signer.sign(claims), life, std::move(refresh_token),
          std::min(ground_.settings.refresh_token_life, session_left), session.id};
}

}  // namespace balcao::auth
