#include "auth/second_factor/store.hpp"

namespace balcao::auth {
namespace {

using db::Bytes;
using db::Statement;

constexpr Statement begin_sql{"auth.second_factor_begin", R"(
INSERT INTO auth.second_factors AS factor (user_id, secret, sealed, created_at, confirmed_at, last_step)
VALUES ($1, $2, $3, $4, NULL, 0)
ON CONFLICT (user_id) DO UPDATE
SET secret = excluded.secret, sealed = excluded.sealed, created_at = excluded.created_at
WHERE factor.confirmed_at IS NULL
RETURNING user_id)"};

constexpr Statement find_sql{
    "auth.second_factor_find",
    R"(SELECT secret, sealed, confirmed_at, last_step FROM auth.second_factors WHERE user_id = $1)"};

constexpr Statement recovery_codes_left_sql{
    "auth.recovery_codes_left", R"(SELECT count(*) FROM auth.recovery_codes WHERE user_id = $1 AND used_at IS NULL)"};

constexpr Statement confirm_sql{"auth.second_factor_confirm", R"(
UPDATE auth.second_factors SET confirmed_at = $4, last_step = $3
WHERE user_id = $1 AND secret = $2 AND confirmed_at IS NULL
RETURNING user_id)"};

constexpr Statement accept_step_sql{"auth.second_factor_accept_step", R"(
UPDATE auth.second_factors SET last_step = $2
WHERE user_id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL
RETURNING user_id)"};

constexpr Statement secrets_sql{"auth.second_factor_secrets", R"(
SELECT user_id, secret, sealed FROM auth.second_factors WHERE user_id > $1 ORDER BY user_id LIMIT $2)"};

constexpr Statement reseal_sql{
    "auth.second_factor_reseal",
    R"(UPDATE auth.second_factors SET secret = $3, sealed = $4 WHERE user_id = $1 AND secret = $2)"};

constexpr Statement remove_sql{"auth.second_factor_remove",
                               R"(DELETE FROM auth.second_factors WHERE user_id = $1 RETURNING user_id)"};

constexpr Statement insert_recovery_code_sql{
    "auth.recovery_code_insert",
    R"(INSERT INTO auth.recovery_codes (user_id, code_hash, created_at) VALUES ($1, $2, $3))"};

constexpr Statement use_recovery_code_sql{"auth.recovery_code_use", R"(
UPDATE auth.recovery_codes SET used_at = $3
WHERE user_id = $1 AND code_hash = $2 AND used_at IS NULL
RETURNING user_id)"};

constexpr Statement remove_recovery_codes_sql{"auth.recovery_codes_remove",
                                              R"(DELETE FROM auth.recovery_codes WHERE user_id = $1)"};

}  // namespace

Task<bool> SecondFactorStore::begin(Id<User> user, StoredSecret secret, Time now) {
  co_return !(co_await database_.query(begin_sql, user, Bytes{secret.bytes}, secret.sealed, now)).empty();
}

Task<std::optional<StoredFactor>> SecondFactorStore::find(Id<User> user) {
  auto const rows = co_await database_.query(find_sql, user);
  if (rows.empty()) co_return std::nullopt;
  auto const& row = rows.front();
  co_return StoredFactor{
      {row.get<Bytes>(0).data, row.get<bool>(1)}, row.get<std::optional<Time>>(2), row.get<std::int64_t>(3)};
}

Task<std::int64_t> SecondFactorStore::recovery_codes_left(Id<User> user) {
  co_return (co_await database_.query(recovery_codes_left_sql, user)).front().get<std::int64_t>(0);
}

Task<bool> SecondFactorStore::confirm(Id<User> user, StoredSecret secret, std::int64_t step,
                                      std::vector<std::string> code_hashes, Time now, db::Call audit) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<bool> {
    auto const confirmed = co_await transaction.query(confirm_sql, user, Bytes{secret.bytes}, step, now);
    if (confirmed.empty()) co_return false;
    co_await transaction.query(remove_recovery_codes_sql, user);
    for (auto const& hash : code_hashes) {
      co_await transaction.query(insert_recovery_code_sql, user, Bytes{hash}, now);
    }
    co_await transaction.query(audit);
    co_return true;
  });
}

Task<bool> SecondFactorStore::accept_step(Id<User> user, std::int64_t step) {
  co_return !(co_await database_.query(accept_step_sql, user, step)).empty();
}

Task<bool> SecondFactorStore::use_recovery_code(Id<User> user, std::string code_hash, Time now, db::Call audit) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<bool> {
    if ((co_await transaction.query(use_recovery_code_sql, user, Bytes{code_hash}, now)).empty()) co_return false;
    co_await transaction.query(audit);
    co_return true;
  });
}

Task<> SecondFactorStore::replace_recovery_codes(Id<User> user, std::vector<std::string> code_hashes, Time now,
                                                 db::Call audit) {
  std::vector<db::Call> calls{db::call(remove_recovery_codes_sql, user)};
  for (auto const& hash : code_hashes) calls.push_back(db::call(insert_recovery_code_sql, user, Bytes{hash}, now));
  calls.push_back(std::move(audit));
  co_await database_.batch(std::move(calls));
}

Task<std::vector<OwnedSecret>> SecondFactorStore::secrets(std::optional<Id<User>> after, std::size_t limit) {
  std::vector<OwnedSecret> found;
  for (auto const& row : co_await database_.query(secrets_sql, after.value_or(Id<User>{}), limit)) {
    found.push_back({row.get<Id<User>>(0), {row.get<Bytes>(1).data, row.get<bool>(2)}});
  }
  co_return found;
}

Task<> SecondFactorStore::reseal(Id<User> user, StoredSecret before, StoredSecret after) {
  co_await database_.query(reseal_sql, user, Bytes{before.bytes}, Bytes{after.bytes}, after.sealed);
}

Task<bool> SecondFactorStore::remove(Id<User> user, db::Call audit) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<bool> {
    if ((co_await transaction.query(remove_sql, user)).empty()) co_return false;
    co_await transaction.query(remove_recovery_codes_sql, user);
    co_await transaction.query(audit);
    co_return true;
  });
}

std::vector<db::Call> SecondFactorStore::erase(Id<User> user) const {
  return {db::call(remove_sql, user), db::call(remove_recovery_codes_sql, user)};
}

}  // namespace balcao::auth
