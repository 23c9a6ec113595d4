#include "auth/clients/store.hpp"

#include "auth/sessions/store.hpp"

namespace balcao::auth {
namespace {

using db::Bytes;
using db::Statement;

constexpr Statement insert_user_sql{"auth.insert_service_user", R"(
INSERT INTO auth.users (id, username, password_hash, role, created_at, updated_at)
VALUES ($1, $2, '', 'user', $3, $3)
ON CONFLICT (username) DO NOTHING
RETURNING id)"};

constexpr Statement insert_account_sql{"auth.insert_service_account", R"(
INSERT INTO auth.service_accounts (user_id, secret_hash, scopes, created_at, secret_changed_at)
VALUES ($1, $2, $3, $4, $4))"};

constexpr Statement find_sql{"auth.find_service_account", R"(
SELECT u.id, u.username, u.disabled_at, a.scopes, a.created_at, a.secret_changed_at, a.secret_hash
FROM auth.service_accounts a JOIN auth.users u ON u.id = a.user_id
WHERE a.user_id = $1)"};

constexpr Statement list_sql{"auth.list_service_accounts", R"(
SELECT u.id, u.username, u.disabled_at, a.scopes, a.created_at, a.secret_changed_at
FROM auth.service_accounts a JOIN auth.users u ON u.id = a.user_id
WHERE a.user_id > $1 ORDER BY a.user_id LIMIT $2)"};

constexpr Statement set_scope_sql{
    "auth.set_service_account_scope",
    R"(UPDATE auth.service_accounts SET scopes = $2 WHERE user_id = $1 RETURNING user_id)"};

constexpr Statement set_secret_sql{"auth.set_service_account_secret", R"(
UPDATE auth.service_accounts SET secret_hash = $2, secret_changed_at = $3 WHERE user_id = $1 RETURNING user_id)"};

// Nothing is derived from its rotation key: it has no refresh token.
constexpr Statement insert_session_sql{"auth.insert_service_session", R"(
INSERT INTO auth.sessions (id, user_id, rotation_key, address, user_agent, created_at, last_used_at, expires_at)
SELECT $1, u.id, $3, $4, $5, $6, $6, $7
FROM auth.users u JOIN auth.service_accounts a ON a.user_id = u.id
WHERE u.id = $2 AND u.disabled_at IS NULL AND a.secret_hash = $8 AND a.scopes = $9
RETURNING id)"};

constexpr Statement find_live_session_sql{"auth.find_live_session", R"(
SELECT u.username, s.expires_at
FROM auth.sessions s JOIN auth.users u ON u.id = s.user_id
WHERE s.id = $1 AND s.user_id = $2 AND s.ended_at IS NULL AND s.expires_at > $3 AND u.disabled_at IS NULL)"};

ServiceAccount read(db::Row const& row) {
  return {row.get<Id<User>>(0),    row.get<std::string>(1), row.get<std::optional<Time>>(2).has_value(),
          row.get<std::string>(3), row.get<Time>(4),        row.get<Time>(5)};
}

}  // namespace

Task<bool> ClientStore::insert(ServiceAccount account, std::string secret_hash, db::Call entry) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<bool> {
    auto const rows = co_await transaction.query(insert_user_sql, account.id, account.name, account.created_at);
    if (rows.empty()) co_return false;
    co_await transaction.query(insert_account_sql, account.id, Bytes{secret_hash}, account.scope, account.created_at);
    co_await transaction.query(entry);
    co_return true;
  });
}

Task<std::optional<ClientState>> ClientStore::find(Id<User> id) {
  auto const rows = co_await database_.query(find_sql, id);
  if (rows.empty()) co_return std::nullopt;
  co_return ClientState{read(rows.front()), rows.front().get<Bytes>(6).data};
}

Task<std::vector<ServiceAccount>> ClientStore::list(std::optional<Id<User>> after, std::size_t limit) {
  auto const rows = co_await database_.query(list_sql, after.value_or(Id<User>{}), limit);
  std::vector<ServiceAccount> accounts;
  for (auto const& row : rows) accounts.push_back(read(row));
  co_return accounts;
}

Task<std::optional<std::vector<Id<Session>>>> ClientStore::set_scope(Id<User> id, std::string scope, Time now,
                                                                     db::Call entry) {
  return change(id, db::call(set_scope_sql, id, scope), "scopes_changed", now, std::move(entry));
}

Task<std::optional<std::vector<Id<Session>>>> ClientStore::set_secret(Id<User> id, std::string secret_hash, Time now,
                                                                      db::Call entry) {
  return change(id, db::call(set_secret_sql, id, Bytes{secret_hash}, now), "secret_changed", now, std::move(entry));
}

Task<std::optional<std::vector<Id<Session>>>> ClientStore::change(Id<User> id, db::Call change, std::string reason,
                                                                  Time now, db::Call entry) {
  using Ended = std::optional<std::vector<Id<Session>>>;
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<Ended> {
    co_await transaction.query(SessionStore::hold_user(id));
    if ((co_await transaction.query(change)).empty()) co_return std::nullopt;
    co_await transaction.query(entry);
    co_return read_ids(co_await transaction.query(SessionStore::end_sessions_of(id, {}, reason, now)));
  });
}

Task<bool> ClientStore::insert_session(NewServiceSession session) {
  auto const& [id, user, expires_at] = session.session;
  std::vector<db::Call> calls;
  calls.push_back(SessionStore::hold_user(user));
  calls.push_back(db::call(insert_session_sql, id, user, Bytes{}, session.origin.address, session.origin.user_agent,
                           session.now, expires_at, Bytes{session.proven.secret_hash}, session.proven.account.scope));
  auto const results = co_await database_.batch(std::move(calls));
  co_return !results.back().empty();
}

Task<std::optional<LiveSession>> ClientStore::find_live_session(Id<Session> session, Id<User> user, Time now) {
  auto const rows = co_await database_.query(find_live_session_sql, session, user, now);
  if (rows.empty()) co_return std::nullopt;
  co_return LiveSession{rows.front().get<std::string>(0), rows.front().get<Time>(1)};
}

}  // namespace balcao::auth
