#include "auth/sessions/store.hpp"

#include "auth/accounts/store.hpp"

namespace balcao::auth {
namespace {

using db::Bytes;
using db::Statement;

constexpr Statement insert_session_sql{"auth.insert_session", R"(
INSERT INTO auth.sessions (id, user_id, rotation_key, address, user_agent, created_at, last_used_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7))"};

constexpr Statement insert_refresh_token_sql{"auth.insert_refresh_token", R"(
INSERT INTO auth.refresh_tokens (token_hash, session_id, issued_at) VALUES ($1, $2, $3))"};

constexpr Statement find_refresh_token_sql{"auth.find_refresh_token", R"(
SELECT s.id, s.expires_at, s.ended_at, s.rotation_key, t.issued_at, t.used_at,
       u.id, u.username, u.role, u.disabled_at, u.created_at
FROM auth.refresh_tokens t
JOIN auth.sessions s ON s.id = t.session_id
JOIN auth.users u ON u.id = s.user_id
WHERE t.token_hash = $1)"};

constexpr Statement use_refresh_token_sql{
    "auth.use_refresh_token",
    R"(UPDATE auth.refresh_tokens SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL)"};

constexpr Statement insert_successor_sql{"auth.insert_successor", R"(
INSERT INTO auth.refresh_tokens (token_hash, session_id, issued_at)
SELECT $1, id, $3 FROM auth.sessions WHERE id = $2 AND ended_at IS NULL
ON CONFLICT (token_hash) DO NOTHING)"};

constexpr Statement touch_session_sql{
    "auth.touch_session",
    R"(UPDATE auth.sessions SET last_used_at = $2 WHERE id = $1 AND ended_at IS NULL RETURNING id)"};

constexpr Statement end_session_sql{
    "auth.end_session",
    R"(UPDATE auth.sessions SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL)"};

constexpr Statement is_open_sql{
    "auth.is_open", R"(SELECT 1 FROM auth.sessions WHERE id = $1 AND ended_at IS NULL AND expires_at > $2)"};

constexpr Statement ended_since_sql{"auth.ended_since",
                                    R"(SELECT id, ended_at FROM auth.sessions WHERE ended_at >= $1 ORDER BY ended_at)"};

constexpr Statement purge_tokens_sql{"auth.purge_tokens", R"(
DELETE FROM auth.refresh_tokens
WHERE session_id IN (SELECT id FROM auth.sessions WHERE ended_at < $1 OR expires_at < $1))"};

constexpr Statement purge_sessions_sql{"auth.purge_sessions",
                                       R"(DELETE FROM auth.sessions WHERE ended_at < $1 OR expires_at < $1)"};

}  // namespace

Task<> SessionStore::insert_session(NewSession session) {
  std::vector<db::Call> calls;
  calls.push_back(db::call(insert_session_sql, session.session.id, session.session.user, Bytes{session.rotation_key},
                           session.address, session.user_agent, session.now, session.session.expires_at));
  calls.push_back(db::call(insert_refresh_token_sql, Bytes{session.refresh_hash}, session.session.id, session.now));
  co_await database_.batch(std::move(calls));
}

Task<std::optional<RefreshState>> SessionStore::find_refresh_token(std::string hash) {
  auto const rows = co_await database_.query(find_refresh_token_sql, Bytes{hash});
  if (rows.empty()) co_return std::nullopt;
  auto const& row = rows.front();
  auto const user = read_user(row, 6);
  co_return RefreshState{{row.get<Id<Session>>(0), user.id, row.get<Time>(1)},
                         row.get<Bytes>(3).data,
                         row.get<Time>(4),
                         row.get<std::optional<Time>>(5),
                         row.get<std::optional<Time>>(2).has_value(),
                         user};
}

Task<bool> SessionStore::rotate(std::string hash, std::string successor_hash, Id<Session> session, Time now) {
  std::vector<db::Call> calls;
  calls.push_back(db::call(use_refresh_token_sql, Bytes{hash}, now));
  calls.push_back(db::call(insert_successor_sql, Bytes{successor_hash}, session, now));
  calls.push_back(db::call(touch_session_sql, session, now));
  auto const results = co_await database_.batch(std::move(calls));
  co_return !results.back().empty();
}

Task<> SessionStore::end_session(Id<Session> session, std::string reason, Time now) {
  co_await database_.query(end_session_sql, session, now, reason);
}

Task<bool> SessionStore::is_open(Id<Session> session, Time now) {
  co_return !(co_await database_.query(is_open_sql, session, now)).empty();
}

Task<std::vector<EndedSession>> SessionStore::ended_since(Time since) {
  auto const rows = co_await database_.query(ended_since_sql, since);
  std::vector<EndedSession> ended;
  for (auto const& row : rows) ended.push_back({row.get<Id<Session>>(0), row.get<Time>(1)});
  co_return ended;
}

Task<> SessionStore::purge_sessions(Time before) {
  std::vector<db::Call> calls;
  calls.push_back(db::call(purge_tokens_sql, before));
  calls.push_back(db::call(purge_sessions_sql, before));
  co_await database_.batch(std::move(calls));
}

}  // namespace balcao::auth
