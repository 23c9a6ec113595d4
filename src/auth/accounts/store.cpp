#include "auth/accounts/store.hpp"

namespace balcao::auth {
namespace {

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

}  // namespace

User read_user(db::Row const& row, std::size_t first) {
  return {row.get<Id<User>>(first), row.get<std::string>(first + 1), parse_role(row.get<std::string>(first + 2)),
          row.get<std::optional<Time>>(first + 3).has_value(), row.get<Time>(first + 4)};
}

Task<bool> AccountStore::insert_user(User user, std::string password_hash, db::Call enqueue) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<bool> {
    auto const rows = co_await transaction.query(insert_user_sql, user.id, user.username, password_hash,
                                                 to_string(user.role), user.created_at);
    if (rows.empty()) co_return false;
    co_await transaction.query(enqueue);
    co_return true;
  });
}

Task<std::optional<Credentials>> AccountStore::find_credentials(std::string username) {
  auto const rows = co_await database_.query(find_credentials_sql, username);
  if (rows.empty()) co_return std::nullopt;
  co_return Credentials{read_user(rows.front(), 0), rows.front().get<std::string>(5)};
}

Task<std::optional<User>> AccountStore::find_user(Id<User> id) {
  auto const rows = co_await database_.query(find_user_sql, id);
  if (rows.empty()) co_return std::nullopt;
  co_return read_user(rows.front(), 0);
}

Task<std::vector<User>> AccountStore::list_users() {
  auto const rows = co_await database_.query(list_users_sql);
  std::vector<User> users;
  for (auto const& row : rows) users.push_back(read_user(row, 0));
  co_return users;
}

Task<bool> AccountStore::set_role(std::string username, Role role, Time now) {
  co_return !(co_await database_.query(set_role_sql, username, to_string(role), now)).empty();
}

Task<std::optional<std::vector<Id<Session>>>> AccountStore::set_disabled(std::string username, bool disabled,
                                                                         Time now) {
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

Task<> AccountStore::set_password_hash(Id<User> user, std::string password_hash, Time now) {
  co_await database_.query(set_password_hash_sql, user, password_hash, now);
}

}  // namespace balcao::auth
