#include "auth/sessions/store.hpp"

#include <algorithm>
#include <iterator>

#include "auth/accounts/store.hpp"

namespace balcao::auth {
namespace {

using db::Bytes;
using db::Statement;

// Changes nothing, and makes PostgreSQL hold the row: whoever disables the user, or changes his password, at the same
// time sees the session that follows, or is seen by it.
constexpr Statement hold_user_sql{"auth.hold_user", R"(UPDATE auth.users SET updated_at = updated_at WHERE id = $1)"};

constexpr Statement insert_session_sql{"auth.insert_session", R"(
INSERT INTO auth.sessions (id, user_id, rotation_key, address, user_agent, created_at, last_used_at, expires_at)
SELECT $1, id, $3, $4, $5, $6, $6, $7 FROM auth.users
WHERE id = $2 AND disabled_at IS NULL AND password_hash = $8
RETURNING id)"};

// All but the new one are ranked, so that it stays even where the clock stands still.
constexpr Statement end_surplus_sql{"auth.end_surplus_sessions", R"(
UPDATE auth.sessions SET ended_at = $2, end_reason = $3
WHERE id IN (SELECT id FROM auth.sessions WHERE user_id = $1 AND ended_at IS NULL AND id <> $4
             ORDER BY last_used_at DESC, id DESC LIMIT 1000 OFFSET $5)
RETURNING id)"};

constexpr Statement insert_refresh_token_sql{"auth.insert_refresh_token", R"(
INSERT INTO auth.refresh_tokens (token_hash, session_id, issued_at)
SELECT $1, id, $3 FROM auth.sessions WHERE id = $2)"};

constexpr Statement remember_device_sql{"auth.remember_device", R"(
INSERT INTO auth.devices (user_id, device_hash, last_used_at)
VALUES ($1, $2, $3)
ON CONFLICT (user_id, device_hash) DO UPDATE SET last_used_at = excluded.last_used_at)"};

// A user agent is whatever a client says: each login could be from another device.
constexpr std::size_t devices_per_user = 100;
constexpr Statement forget_surplus_devices_sql{"auth.forget_surplus_devices", R"(
DELETE FROM auth.devices WHERE user_id = $1 AND device_hash IN (
  SELECT device_hash FROM auth.devices WHERE user_id = $1 ORDER BY last_used_at DESC LIMIT 1000 OFFSET $2))"};

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

constexpr Statement end_all_sql{"auth.end_all_sessions", R"(
UPDATE auth.sessions SET ended_at = $2, end_reason = $3
WHERE user_id = $1 AND ended_at IS NULL AND id <> $4
RETURNING id)"};

constexpr Statement list_sql{"auth.list_sessions", R"(
SELECT id, expires_at, created_at, last_used_at, address, user_agent FROM auth.sessions
WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 AND last_used_at > $3 AND id < $4
ORDER BY id DESC LIMIT $5)"};

constexpr Statement is_open_sql{
    "auth.is_open", R"(SELECT 1 FROM auth.sessions WHERE id = $1 AND ended_at IS NULL AND expires_at > $2)"};

constexpr Statement is_open_of_sql{"auth.is_open_of", R"(
SELECT 1 FROM auth.sessions WHERE id = $1 AND ended_at IS NULL AND expires_at > $2 AND user_id = $3)"};

constexpr Statement ended_since_sql{"auth.ended_since", R"(
SELECT id, ended_at FROM auth.sessions WHERE ended_at IS NOT NULL AND (ended_at, id) > ($1, $2)
ORDER BY ended_at, id LIMIT $3)"};

// A session may have thousands of tokens: they go first, and the sessions once none of them has any.
constexpr Statement purge_tokens_of_ended_sql{"auth.purge_tokens_of_ended", R"(
DELETE FROM auth.refresh_tokens WHERE token_hash IN (
  SELECT t.token_hash
  FROM (SELECT id FROM auth.sessions WHERE ended_at < $1 ORDER BY ended_at, id LIMIT $2) AS s
  JOIN auth.refresh_tokens t ON t.session_id = s.id LIMIT $2))"};

constexpr Statement purge_ended_sql{"auth.purge_ended_sessions", R"(
DELETE FROM auth.sessions WHERE id IN (
  SELECT id FROM auth.sessions WHERE ended_at < $1 ORDER BY ended_at, id LIMIT $2))"};

constexpr Statement purge_tokens_of_expired_sql{"auth.purge_tokens_of_expired", R"(
DELETE FROM auth.refresh_tokens WHERE token_hash IN (
  SELECT t.token_hash
  FROM (SELECT id FROM auth.sessions WHERE expires_at < $1 ORDER BY expires_at, id LIMIT $2) AS s
  JOIN auth.refresh_tokens t ON t.session_id = s.id LIMIT $2))"};

constexpr Statement purge_expired_sql{"auth.purge_expired_sessions", R"(
DELETE FROM auth.sessions WHERE id IN (
  SELECT id FROM auth.sessions WHERE expires_at < $1 ORDER BY expires_at, id LIMIT $2))"};

constexpr Statement purge_devices_sql{"auth.purge_devices", R"(
DELETE FROM auth.devices WHERE last_used_at < $1 AND (user_id, device_hash) IN (
  SELECT user_id, device_hash FROM auth.devices WHERE last_used_at < $1 ORDER BY last_used_at LIMIT $2))"};

}  // namespace

std::vector<Id<Session>> read_ids(db::Rows const& rows) {
  std::vector<Id<Session>> ids;
  for (auto const& row : rows) ids.push_back(row.get<Id<Session>>(0));
  return ids;
}

db::Call SessionStore::hold_user(Id<User> user) { return db::call(hold_user_sql, user); }

Task<std::optional<std::vector<Id<Session>>>> SessionStore::insert_session(NewSession session,
                                                                           std::vector<db::Call> audit,
                                                                           std::size_t max_open, std::string reason) {
  auto const& [id, user, expires_at] = session.session;
  std::vector<db::Call> calls;
  calls.push_back(hold_user(user));
  calls.push_back(db::call(insert_session_sql, id, user, Bytes{session.rotation_key}, session.origin.address,
                           session.origin.user_agent, session.now, expires_at, session.password_hash));
  calls.push_back(db::call(insert_refresh_token_sql, Bytes{session.refresh_hash}, id, session.now));
  calls.push_back(db::call(remember_device_sql, user, Bytes{session.device_hash}, session.now));
  calls.push_back(db::call(forget_surplus_devices_sql, user, devices_per_user));
  std::ranges::move(audit, std::back_inserter(calls));
  calls.push_back(db::call(end_surplus_sql, user, session.now, reason, id, max_open - 1));
  auto const results = co_await database_.batch(std::move(calls));
  if (results[1].empty()) co_return std::nullopt;
  co_return read_ids(results.back());
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

Task<> SessionStore::end_session(Id<Session> session, std::string reason, Time now, db::Call audit) {
  std::vector<db::Call> calls;
  calls.push_back(std::move(audit));
  calls.push_back(db::call(end_session_sql, session, now, reason));
  co_await database_.batch(std::move(calls));
}

db::Call SessionStore::end_sessions_of(Id<User> user, std::optional<Id<Session>> except, std::string_view reason,
                                       Time now) {
  return db::call(end_all_sql, user, now, reason, except.value_or(Id<Session>{}));
}

Task<std::vector<Id<Session>>> SessionStore::end_all(Id<User> user, std::optional<Id<Session>> except,
                                                     std::string reason, Time now, db::Call audit) {
  std::vector<db::Call> calls;
  calls.push_back(end_sessions_of(user, except, reason, now));
  calls.push_back(std::move(audit));
  auto const results = co_await database_.batch(std::move(calls));
  co_return read_ids(results.front());
}

Task<std::vector<OpenSession>> SessionStore::list(SessionListRequest request) {
  auto const rows = co_await database_.query(list_sql, request.user, request.now, request.used_since,
                                             request.after.value_or(Id<Session>{last_uuid}), request.limit);
  std::vector<OpenSession> sessions;
  for (auto const& row : rows) {
    sessions.push_back({row.get<Id<Session>>(0),
                        row.get<Time>(1),
                        row.get<Time>(2),
                        row.get<Time>(3),
                        {row.get<std::string>(4), row.get<std::string>(5)}});
  }
  co_return sessions;
}

Task<bool> SessionStore::is_open(Id<Session> session, Time now) {
  co_return !(co_await database_.query(is_open_sql, session, now)).empty();
}

Task<bool> SessionStore::is_open_of(Id<User> user, Id<Session> session, Time now) {
  co_return !(co_await database_.query(is_open_of_sql, session, now, user)).empty();
}

Task<std::vector<EndedSession>> SessionStore::ended_since(Time since, Id<Session> after, std::size_t limit) {
  auto const rows = co_await database_.query(ended_since_sql, since, after, limit);
  std::vector<EndedSession> ended;
  for (auto const& row : rows) ended.push_back({row.get<Id<Session>>(0), row.get<Time>(1)});
  co_return ended;
}

Task<std::int64_t> SessionStore::purge_ended(Time before, std::int64_t most) {
  auto const tokens = (co_await database_.query(purge_tokens_of_ended_sql, before, most)).affected;
  if (tokens >= most) co_return tokens;
  co_return (co_await database_.query(purge_ended_sql, before, most)).affected;
}

Task<std::int64_t> SessionStore::purge_expired(Time before, std::int64_t most) {
  auto const tokens = (co_await database_.query(purge_tokens_of_expired_sql, before, most)).affected;
  if (tokens >= most) co_return tokens;
  co_return (co_await database_.query(purge_expired_sql, before, most)).affected;
}

Task<std::int64_t> SessionStore::purge_devices(Time before, std::int64_t most) {
  co_return (co_await database_.query(purge_devices_sql, before, most)).affected;
}

}  // namespace balcao::auth
