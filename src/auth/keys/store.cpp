#include "auth/keys/store.hpp"

namespace balcao::auth {
namespace {

using db::Bytes;
using db::Statement;

constexpr Statement signing_keys_sql{"auth.signing_keys",
                                     R"(SELECT kid, private_key FROM auth.signing_keys ORDER BY created_at, kid)"};

constexpr Statement insert_key_sql{
    "auth.insert_key", R"(INSERT INTO auth.signing_keys (kid, private_key, created_at) VALUES ($1, $2, $3))"};

}  // namespace

Task<std::vector<SigningKey>> KeyStore::signing_keys() {
  auto const rows = co_await database_.query(signing_keys_sql);
  std::vector<SigningKey> keys;
  for (auto const& row : rows) keys.push_back({row.get<std::string>(0), row.get<Bytes>(1).data});
  co_return keys;
}

Task<> KeyStore::insert_first_key(SigningKey key, Time now) {
  co_await database_.transaction([&](db::Transaction& transaction) -> Task<> {
    if (!(co_await transaction.query(signing_keys_sql)).empty()) co_return;
    co_await transaction.query(insert_key_sql, key.kid, Bytes{key.private_bytes}, now);
  });
}

}  // namespace balcao::auth
