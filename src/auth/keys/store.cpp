#include "auth/keys/store.hpp"

namespace balcao::auth {
namespace {

using db::Bytes;
using db::Statement;

// A key from before keys had a time to sign from has signed since it was made.
constexpr Statement keys_sql{"auth.signing_keys", R"(
SELECT kid, algorithm, private_key, sealed, COALESCE(signs_from, created_at)
FROM auth.signing_keys ORDER BY COALESCE(signs_from, created_at), created_at, kid)"};

constexpr Statement latest_key_sql{"auth.latest_key",
                                   R"(SELECT max(COALESCE(signs_from, created_at)) FROM auth.signing_keys)"};

constexpr Statement insert_key_sql{"auth.insert_key", R"(
INSERT INTO auth.signing_keys (kid, private_key, created_at, algorithm, sealed, signs_from)
VALUES ($1, $2, $3, $4, $5, $6))"};

constexpr Statement replace_key_sql{
    "auth.replace_key",
    R"(UPDATE auth.signing_keys SET private_key = $3, sealed = $4 WHERE kid = $1 AND private_key = $2)"};

constexpr Statement remove_key_sql{"auth.remove_key", R"(DELETE FROM auth.signing_keys WHERE kid = $1)"};

constexpr Statement remove_other_keys_sql{"auth.remove_other_keys", R"(DELETE FROM auth.signing_keys WHERE kid <> $1)"};

constexpr Statement issuers_sql{"auth.issuers", R"(SELECT issuer FROM auth.issuers ORDER BY issuer)"};

constexpr Statement see_issuer_sql{"auth.see_issuer", R"(
INSERT INTO auth.issuers (issuer, seen_at) VALUES ($1, $2)
ON CONFLICT (issuer) DO UPDATE SET seen_at = $2)"};

constexpr Statement forget_issuers_sql{"auth.forget_issuers", R"(DELETE FROM auth.issuers WHERE seen_at < $1)"};

SigningKey read_key(db::Row const& row) {
  auto const algorithm = jwt::parse_algorithm(row.get<std::string>(1));
  if (!algorithm) throw db::Error("auth.signing_keys: an algorithm that this version does not know");
  return {row.get<std::string>(0), *algorithm, row.get<Bytes>(2).data, row.get<bool>(3), row.get<Time>(4)};
}

}  // namespace

Task<KeyTable> KeyStore::read() {
  std::vector<db::Call> calls;
  calls.push_back(db::call(keys_sql));
  calls.push_back(db::call(issuers_sql));
  auto const results = co_await database_.batch(std::move(calls));
  KeyTable table;
  for (auto const& row : results.front()) table.keys.push_back(read_key(row));
  for (auto const& row : results.back()) table.issuers.push_back(row.get<std::string>(0));
  co_return table;
}

Task<bool> KeyStore::add(Addition addition) {
  co_return co_await database_.transaction([&](db::Transaction& transaction) -> Task<bool> {
    auto const& key = addition.key;
    if (addition.unless_later) {
      auto const latest = (co_await transaction.query(latest_key_sql)).front().get<std::optional<Time>>(0);
      if (latest && *latest > *addition.unless_later) co_return false;
    }
    co_await transaction.query(insert_key_sql, key.kid, Bytes{key.private_key}, addition.now,
                               jwt::to_string(key.algorithm), key.sealed, key.signs_from);
    if (addition.alone) co_await transaction.query(remove_other_keys_sql, key.kid);
    if (addition.entry) co_await transaction.query(*addition.entry);
    co_return true;
  });
}

Task<> KeyStore::replace(SigningKey before, SigningKey after) {
  co_await database_.query(replace_key_sql, before.kid, Bytes{before.private_key}, Bytes{after.private_key},
                           after.sealed);
}

Task<> KeyStore::remove(std::vector<std::string> kids) {
  if (kids.empty()) co_return;
  std::vector<db::Call> calls;
  for (auto const& kid : kids) calls.push_back(db::call(remove_key_sql, kid));
  co_await database_.batch(std::move(calls));
}

Task<> KeyStore::see_issuer(std::string issuer, Time now, Time before) {
  std::vector<db::Call> calls;
  calls.push_back(db::call(see_issuer_sql, issuer, now));
  calls.push_back(db::call(forget_issuers_sql, before));
  co_await database_.batch(std::move(calls));
}

}  // namespace balcao::auth
