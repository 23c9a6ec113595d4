#include "auth/store.hpp"

namespace balcao::auth {
namespace {

using db::Bytes;
using db::Statement;

constexpr Statement insert_user_sql{"auth.insert_user", R"(
INSERT INTO auth.users (id, username, password_hash, role, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (username) DO NOTHING
RETURNING id)"};

constexpr Statement find_credentials_sql{
    "auth.find_credentials",
    R"(SELECT id, username, role, disabled_at, created_at, password_hash FROM auth.users WHERE username = $1)"};

constexpr Statement find_user_sql{
    "auth.find_user", R"(SELECT id, username, role, disabled_at, created_at FROM auth.users WHERE id = $1)"};

constexpr Statement list_users_sql{
    "auth.list_users", R"(SELECT id, username, role, disabled_at, created_at FROM auth.users ORDER BY username)"};

constexpr Statement set_role_sql{
    "auth.set_role", R"(UPDATE auth.users SET role = $2, updated_at = $3 WHERE username = $1 RETURNING id)"};

constexpr Statement set_disabled_sql{
    "auth.set_disabled", R"(UPDATE auth.users SET disabled_at = $2, updated_at = $3 WHERE username = $1 RETURNING id)"};

constexpr Statement end_sessions_of_sql{"auth.end_sessions_of", R"(
UPDATE auth.sessions SET ended_at = $2, end_reason = $3
WHERE ended_at IS NULL AND user_id = (SELECT id FROM auth.users WHERE username = $1)
RETURNING id)"};

constexpr Statement set_password_hash_sql{"auth.set_password_hash",
                                          R"(UPDATE auth.users SET password_hash = $2, updated_at = $3 WHERE id = $1)"};

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

constexpr Statement signing_keys_sql{"auth.signing_keys",
                                     R"(SELECT kid, private_key FROM auth.signing_keys ORDER BY created_at, kid)"};

constexpr Statement insert_key_sql{
    "auth.insert_key", R"(INSERT INTO auth.signing_keys (kid, private_key, created_at) VALUES ($1, $2, $3))"};

/// The columns id, username, role, disabled_at, created_at from `first` on.
User read_user(db::Row const& row, std::size_t first) {
  return {row.get<Id<User>>(first), row.get<std::string>(first + 1), parse_role(row.get<std::string>(first + 2)),
          row.get<std::optional<Time>>(first + 3).has_value(), row.get<Time>(first + 4)};
}

}  // namespace

Task<bool> Store::insert_user(User user, std::string password_hash, db::Call enqueue) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<bool> {
    auto const rows = co_await transaction.query(insert_user_sql, user.id, user.username, password_hash,
                                                 to_string(user.role), user.created_at);
    if (rows.empty()) co_return false;
    co_await transaction.query(enqueue);
    co_return true;
  });
}

Task<std::optional<Credentials>> Store::find_credentials(std::string username) {
  auto const rows = co_await database_.query(find_credentials_sql, username);
  if (rows.empty()) co_return std::nullopt;
  co_return Credentials{read_user(rows.front(), 0), rows.front().get<std::string>(5)};
}

Task<std::optional<User>> Store::find_user(Id<User> id) {
  auto const rows = co_await database_.query(find_user_sql, id);
  if (rows.empty()) co_return std::nullopt;
  co_return read_user(rows.front(), 0);
}

Task<std::vector<User>> Store::list_users() {
  auto const rows = co_await database_.query(list_users_sql);
  std::vector<User> users;
  for (auto const& row : rows) users.push_back(read_user(row, 0));
  co_return users;
}

Task<bool> Store::set_role(std::string username, Role role, Time now) {
  co_return !(co_await database_.query(set_role_sql, username, to_string(role), now)).empty();
}

Task<std::optional<std::vector<Id<Session>>>> Store::set_disabled(std::string username, bool disabled, Time now) {
  auto const when = disabled ? std::optional(now) : std::nullopt;
  std::vector<db::Call> calls;
  calls.push_back(db::call(set_disabled_sql, username, when, now));
  if (disabled) calls.push_back(db::call(end_sessions_of_sql, username, now, "disabled"));
  auto const results = co_await database_.batch(std::move(calls));
  if (results.front().empty()) co_return std::nullopt;
  std::vector<Id<Session>> ended;
  if (disabled) {
    for (auto const& row : results.back()) ended.push_back(row.get<Id<Session>>(0));
  }
  co_return ended;
}

Task<> Store::set_password_hash(Id<User> user, std::string password_hash, Time now) {
  co_await database_.query(set_password_hash_sql, user, password_hash, now);
}

Task<> Store::insert_session(NewSession session) {
  std::vector<db::Call> calls;
  calls.push_back(db::call(insert_session_sql, session.session.id, session.session.user, Bytes{session.rotation_key},
                           session.address, session.user_agent, session.now, session.session.expires_at));
  calls.push_back(db::call(insert_refresh_token_sql, Bytes{session.refresh_hash}, session.session.id, session.now));
  co_await database_.batch(std::move(calls));
}

Task<std::optional<RefreshState>> Store::find_refresh_token(std::string hash) {
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

Task<bool> Store::rotate(std::string hash, std::string successor_hash, Id<Session> session, Time now) {
  std::vector<db::Call> calls;
  calls.push_back(db::call(use_refresh_token_sql, Bytes{hash}, now));
  calls.push_back(db::call(insert_successor_sql, Bytes{successor_hash}, session, now));
  calls.push_back(db::call(touch_session_sql, session, now));
  auto const results = co_await database_.batch(std::move(calls));
  co_return !results.back().empty();
}

Task<> Store::end_session(Id<Session> session, std::string reason, Time now) {
  co_await database_.query(end_session_sql, session, now, reason);
}

Task<bool> Store::is_open(Id<Session> session, Time now) {
  co_return !(co_await database_.query(is_open_sql, session, now)).empty();
}

Task<std::vector<EndedSession>> Store::ended_since(Time since) {
  auto const rows = co_await database_.query(ended_since_sql, since);
  std::vector<EndedSession> ended;
  for (auto const& row : rows) ended.push_back({row.get<Id<Session>>(0), row.get<Time>(1)});
  co_return ended;
}

Task<> Store::purge_sessions(Time before) {
  std::vector<db::Call> calls;
  calls.push_back(db::call(purge_tokens_sql, before));
  calls.push_back(db::call(purge_sessions_sql, before));
  co_await database_.batch(std::move(calls));
}

Task<std::vector<SigningKey>> Store::signing_keys() {
  auto const rows = co_await database_.query(signing_keys_sql);
  std::vector<SigningKey> keys;
  for (auto const& row : rows) keys.push_back({row.get<std::string>(0), row.get<Bytes>(1).data});
  co_return keys;
}

Task<> Store::insert_first_key(SigningKey key, Time now) {
  co_await database_.transaction([&](db::Transaction& transaction) -> Task<> {
    if (!(co_await transaction.query(signing_keys_sql)).empty()) co_return;
    co_await transaction.query(insert_key_sql, key.kid, Bytes{key.private_bytes}, now);
  });
}

std::string_view embedded(std::string_view name);

std::vector<db::Migration> migrations(std::string_view engine) {
  auto const text = [&](std::string const& step) {
    return std::string(embedded(step + '.' + std::string(engine) + ".sql"));
  };
  return {{1, "users_and_sessions", text("0001_users_and_sessions")}, {2, "jobs", text("0002_jobs")}};
}

}  // namespace balcao::auth
