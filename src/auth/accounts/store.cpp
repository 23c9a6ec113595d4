#include "auth/accounts/store.hpp"

#include <algorithm>
#include <iterator>

#include "auth/sessions/store.hpp"

namespace balcao::auth {
namespace {

using db::Bytes;
using db::Statement;

constexpr Statement insert_user_sql{"auth.insert_user", R"(
INSERT INTO auth.users (id, username, password_hash, role, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $5)
ON CONFLICT (username) DO NOTHING
RETURNING id)"};

constexpr Statement import_user_sql{"auth.import_user", R"(
INSERT INTO auth.users (id, username, password_hash, role, disabled_at, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (username) DO NOTHING
RETURNING id)"};

constexpr Statement owner_of_sql{"auth.owner_of", R"(SELECT id FROM auth.users WHERE username = $1)"};

constexpr Statement find_credentials_sql{
    "auth.find_credentials",
    R"(SELECT id, username, role, disabled_at, created_at, password_hash FROM auth.users WHERE username = $1)"};

constexpr Statement find_user_sql{"auth.find_user", R"(
SELECT id, username, CASE WHEN a.user_id IS NULL THEN role ELSE 'service' END, disabled_at, u.created_at
FROM auth.users u LEFT JOIN auth.service_accounts a ON a.user_id = u.id
WHERE id = $1 AND erased_at IS NULL)"};

constexpr Statement list_users_sql{"auth.list_users", R"(
SELECT id, username, CASE WHEN a.user_id IS NULL THEN role ELSE 'service' END, disabled_at, u.created_at
FROM auth.users u LEFT JOIN auth.service_accounts a ON a.user_id = u.id
WHERE id < $1 AND erased_at IS NULL ORDER BY id DESC LIMIT $2)"};

constexpr Statement find_by_name_sql{"auth.find_by_name", R"(
SELECT id, username, CASE WHEN a.user_id IS NULL THEN role ELSE 'service' END, disabled_at, u.created_at
FROM auth.users u LEFT JOIN auth.service_accounts a ON a.user_id = u.id
WHERE username = $1 AND erased_at IS NULL)"};

constexpr Statement other_administrators_sql{"auth.other_administrators", R"(
SELECT count(*) FROM auth.users WHERE role = 'admin' AND disabled_at IS NULL AND id <> $1)"};

constexpr Statement find_login_sql{"auth.find_login", R"(
SELECT id, username, role, disabled_at, created_at, password_hash,
       (SELECT count(*) FROM auth.devices d WHERE d.user_id = u.id AND d.device_hash = $2 AND d.last_used_at >= $3)
FROM auth.users u WHERE username = $1)"};

constexpr Statement replace_password_hash_sql{"auth.replace_password_hash", R"(
UPDATE auth.users SET password_hash = $3, updated_at = $4 WHERE id = $1 AND password_hash = $2 RETURNING id)"};

constexpr Statement set_role_sql{"auth.set_role", R"(UPDATE auth.users SET role = $2, updated_at = $3 WHERE id = $1)"};

constexpr Statement set_disabled_sql{"auth.set_disabled",
                                     R"(UPDATE auth.users SET disabled_at = $2, updated_at = $3 WHERE id = $1)"};

// No username has a colon: what an erased user is called keeps nobody's name and takes nobody's.
constexpr Statement erase_user_sql{"auth.erase_user", R"(
UPDATE auth.users
SET username = $2, password_hash = '', role = 'user', disabled_at = $3, erased_at = $3, updated_at = $3
WHERE id = $1)"};

constexpr Statement erase_sessions_sql{"auth.erase_sessions",
                                       R"(UPDATE auth.sessions SET address = '', user_agent = '' WHERE user_id = $1)"};

constexpr Statement erase_devices_sql{"auth.erase_devices", R"(DELETE FROM auth.devices WHERE user_id = $1)"};

constexpr Statement insert_setup_link_sql{"auth.insert_setup_link",
                                          R"(INSERT INTO auth.setup_links (token_hash, expires_at) VALUES ($1, $2))"};

constexpr Statement purge_setup_links_sql{"auth.purge_setup_links",
                                          R"(DELETE FROM auth.setup_links WHERE expires_at <= $1)"};

constexpr Statement has_setup_link_sql{"auth.has_setup_link",
                                       R"(SELECT 1 FROM auth.setup_links WHERE token_hash = $1 AND expires_at > $2)"};

constexpr Statement remove_setup_links_sql{"auth.remove_setup_links", R"(DELETE FROM auth.setup_links)"};

std::string erased_name(Id<User> user) { return "erased:" + user.str(); }

/// False, and nothing is done, where the username is taken.
Task<bool> insert(db::Transaction& transaction, User const& user, std::string const& password_hash,
                  std::vector<db::Call> const& then) {
  auto const rows = co_await transaction.query(insert_user_sql, user.id, user.username, password_hash,
                                               to_string(user.role), user.created_at);
  if (rows.empty()) co_return false;
  for (auto const& call : then) co_await transaction.query(call);
  co_return true;
}

/// Whether the user may be taken his rights: someone else is an administrator, or he is none.
Task<Changed::Outcome> may_lose(db::Transaction& transaction, Id<User> id) {
  auto const rows = co_await transaction.query(find_user_sql, id);
  if (rows.empty()) co_return Changed::Outcome::no_such_user;
  auto const user = read_user(rows.front(), 0);
  if (user.role != Role::admin || user.disabled) co_return Changed::Outcome::done;
  auto const others = co_await transaction.query(other_administrators_sql, id);
  co_return others.front().get<std::int64_t>(0) > 0 ? Changed::Outcome::done : Changed::Outcome::last_administrator;
}

/// Makes a change, or one that takes the user's rights, which his sessions end with.
template <class Change>
Task<Changed> change(db::Transaction& transaction, Id<User> id, bool takes_rights, Time now, std::string_view reason,
                     Change make) {
  Changed changed{co_await may_lose(transaction, id)};
  if (!takes_rights && changed.outcome == Changed::Outcome::last_administrator) {
    changed.outcome = Changed::Outcome::done;
  }
  if (changed.outcome != Changed::Outcome::done) co_return changed;
  co_await make(transaction);
  if (takes_rights) {
    changed.ended = read_ids(co_await transaction.query(SessionStore::end_sessions_of(id, {}, reason, now)));
  }
  co_return changed;
}

}  // namespace

User read_user(db::Row const& row, std::size_t first) {
  return {row.get<Id<User>>(first), row.get<std::string>(first + 1), parse_role(row.get<std::string>(first + 2)),
          row.get<std::optional<Time>>(first + 3).has_value(), row.get<Time>(first + 4)};
}

Task<bool> AccountStore::insert_user(User user, std::string password_hash, std::vector<db::Call> then) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<bool> {
    co_return co_await insert(transaction, user, password_hash, then);
  });
}

Task<bool> AccountStore::insert_first_administrator(User user, std::string password_hash, std::vector<db::Call> then) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<bool> {
    auto const others = co_await transaction.query(other_administrators_sql, user.id);
    if (others.front().get<std::int64_t>(0) > 0) co_return false;
    co_return co_await insert(transaction, user, password_hash, then);
  });
}

Task<std::vector<bool>> AccountStore::insert_users(std::vector<Credentials> users, Time now,
                                                   std::vector<db::Call> beside) {
  std::vector<db::Call> calls;
  for (auto const& [user, hash] : users) {
    calls.push_back(db::call(import_user_sql, user.id, user.username, hash, to_string(user.role),
                             user.disabled ? std::optional(now) : std::nullopt, user.created_at, now));
  }
  std::ranges::move(beside, std::back_inserter(calls));
  auto const results = co_await database_.batch(std::move(calls));
  std::vector<bool> inserted;
  for (std::size_t i = 0; i < users.size(); ++i) inserted.push_back(!results[i].empty());
  co_return inserted;
}

Task<std::vector<std::optional<Id<User>>>> AccountStore::owners_of(std::vector<std::string> usernames) {
  std::vector<db::Call> calls;
  for (auto const& username : usernames) calls.push_back(db::call(owner_of_sql, username));
  std::vector<std::optional<Id<User>>> owners;
  for (auto const& rows : co_await database_.batch(std::move(calls))) {
    owners.push_back(rows.empty() ? std::nullopt : std::optional(rows.front().get<Id<User>>(0)));
  }
  co_return owners;
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

Task<std::vector<User>> AccountStore::list(UserListRequest request) {
  auto const after = request.after.value_or(Id<User>{last_uuid});
  auto const rows = request.username ? co_await database_.query(find_by_name_sql, *request.username)
                                     : co_await database_.query(list_users_sql, after, request.limit);
  std::vector<User> users;
  for (auto const& row : rows) users.push_back(read_user(row, 0));
  co_return users;
}

Task<bool> AccountStore::has_administrator() {
  auto const rows = co_await database_.query(other_administrators_sql, Id<User>{});
  co_return rows.front().get<std::int64_t>(0) > 0;
}

Task<FoundLogin> AccountStore::find_login(std::string username, std::string device_hash, Time since) {
  auto const rows = co_await database_.query(find_login_sql, username, Bytes{device_hash}, since);
  if (rows.empty()) co_return FoundLogin{};
  auto const& row = rows.front();
  co_return FoundLogin{Credentials{read_user(row, 0), row.get<std::string>(5)}, row.get<std::int64_t>(6) > 0};
}

Task<bool> AccountStore::replace_password_hash(Id<User> user, std::string old_hash, std::string new_hash, Time now) {
  co_return !(co_await database_.query(replace_password_hash_sql, user, old_hash, new_hash, now)).empty();
}

Task<std::optional<std::vector<Id<Session>>>> AccountStore::change_password(Credentials proven, std::string new_hash,
                                                                            Id<Session> except, Time now,
                                                                            db::Call audit) {
  using Ended = std::optional<std::vector<Id<Session>>>;
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<Ended> {
    auto const& [user, old_hash] = proven;
    auto const rows = co_await transaction.query(replace_password_hash_sql, user.id, old_hash, new_hash, now);
    if (rows.empty()) co_return std::nullopt;
    co_await transaction.query(audit);
    auto const ended =
        co_await transaction.query(SessionStore::end_sessions_of(user.id, except, "password_changed", now));
    co_return read_ids(ended);
  });
}

Task<Changed> AccountStore::set_role(Id<User> user, Role role, Time now, db::Call audit) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<Changed> {
    bool const takes_rights = role != Role::admin;
    co_return co_await change(transaction, user, takes_rights, now, "role_changed",
                              [&](db::Transaction& inner) -> Task<> {
                                co_await inner.query(set_role_sql, user, to_string(role), now);
                                co_await inner.query(audit);
                              });
  });
}

Task<Changed> AccountStore::set_disabled(Id<User> user, bool disabled, Time now, db::Call audit) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<Changed> {
    auto const when = disabled ? std::optional(now) : std::nullopt;
    co_return co_await change(transaction, user, disabled, now, "disabled", [&](db::Transaction& inner) -> Task<> {
      co_await inner.query(set_disabled_sql, user, when, now);
      co_await inner.query(audit);
    });
  });
}

Task<Changed> AccountStore::erase(Id<User> user, Time now, std::vector<db::Call> then) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<Changed> {
    co_return co_await change(transaction, user, true, now, "erased", [&](db::Transaction& inner) -> Task<> {
      co_await inner.query(erase_user_sql, user, erased_name(user), now);
      co_await inner.query(erase_sessions_sql, user);
      co_await inner.query(erase_devices_sql, user);
      for (auto const& call : then) co_await inner.query(call);
    });
  });
}

Task<> AccountStore::insert_setup_link(std::string token_hash, Time expires_at, Time now) {
  std::vector<db::Call> calls;
  calls.push_back(db::call(purge_setup_links_sql, now));
  calls.push_back(db::call(insert_setup_link_sql, Bytes{token_hash}, expires_at));
  co_await database_.batch(std::move(calls));
}

Task<bool> AccountStore::has_setup_link(std::string token_hash, Time now) {
  co_return !(co_await database_.query(has_setup_link_sql, Bytes{token_hash}, now)).empty();
}

db::Call AccountStore::remove_setup_links() { return db::call(remove_setup_links_sql); }

}  // namespace balcao::auth
