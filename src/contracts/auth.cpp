#include "contracts/auth.hpp"

#include "contracts/remote.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/json/describe.hpp"

namespace balcao::contracts {

BOOST_DESCRIBE_STRUCT(EndedSession, (), (session, until))
BOOST_DESCRIBE_STRUCT(EndedSessionsCursor, (), (since, after))
BOOST_DESCRIBE_STRUCT(EndedSessions, (), (sessions, as_of, keys, next))
BOOST_DESCRIBE_STRUCT(KeySet, (), (issuers, keys))

namespace {

using http::Access;
using http::Method;
using http::Ok;

struct EndedSessionsQuery {
  std::optional<Time> since;
  std::optional<Id<EndedSession>> after;
};
BOOST_DESCRIBE_STRUCT(EndedSessionsQuery, (), (since, after))

struct SessionState {
  bool open;
};
BOOST_DESCRIBE_STRUCT(SessionState, (), (open))

constexpr std::string_view ended_sessions_path = "/internal/auth/ended-sessions";
constexpr std::string_view trusted_keys_path = "/internal/auth/keys";
constexpr std::string_view session_path = "/internal/auth/sessions/{id}";

Task<Ok<EndedSessions>> answer_ended_sessions(Auth& auth, http::Query<EndedSessionsQuery> query) {
  auto const& [since, after] = query.value;
  EndedSessionsCursor const from{since.value_or(Time{}), after.value_or(Id<EndedSession>{}).uuid};
  co_return Ok<EndedSessions>{co_await auth.ended_sessions(from)};
}

Task<Ok<SessionState>> answer_session(Auth& auth, http::Path<"id", Id<EndedSession>> id, http::Asker asker) {
  co_return Ok<SessionState>{{co_await auth.is_open(id.value.uuid, std::move(asker.trace))}};
}

Task<Ok<KeySet>> answer_key_set(Auth& auth) { co_return Ok<KeySet>{co_await auth.key_set()}; }

class RemoteAuth final : public Auth {
 public:
  RemoteAuth(std::string base_url, ServiceTokens const& tokens) : remote_("Auth", std::move(base_url), tokens) {}

  Task<EndedSessions> ended_sessions(EndedSessionsCursor from) override {
    auto const query = "?since=" + to_rfc3339(from.since) + "&after=" + from.after.str();
    auto const text = co_await remote_.get(std::string(ended_sessions_path) + query, {});
    co_return remote_.read<EndedSessions>(text);
  }

  Task<bool> is_open(Uuid session, http::Trace trace) override {
    auto const text = co_await remote_.get(at(session_path, session), std::move(trace));
    co_return remote_.read<SessionState>(text).open;
  }

  Task<KeySet> key_set() override {
    co_return remote_.read<KeySet>(co_await remote_.get(std::string(trusted_keys_path), {}));
  }

 private:
  Remote remote_;
};

}  // namespace

std::string digest_of(KeySet const& set) {
  constexpr std::size_t digest_bytes = 16;
  return crypto::to_base64url(crypto::sha256(json::encode(set)).substr(0, digest_bytes));
}

http::Endpoints endpoints(Auth& auth) {
  auto const tag = "Auth";
  return {
      http::endpoint(Method::get, ended_sessions_path, Access::service,
                     {tag, "internalEndedSessions", "The sessions that have ended"}, auth, answer_ended_sessions),
      http::endpoint(Method::get, session_path, Access::service,
                     {tag, "internalSession", "Whether a session is still open"}, auth, answer_session),
      http::endpoint(Method::get, trusted_keys_path, Access::service,
                     {tag, "internalKeys", "What access tokens are checked by"}, auth, answer_key_set),
  };
}

std::unique_ptr<Auth> remote_auth(std::string base_url, ServiceTokens const& tokens) {
  return std::make_unique<RemoteAuth>(std::move(base_url), tokens);
}

}  // namespace balcao::contracts
