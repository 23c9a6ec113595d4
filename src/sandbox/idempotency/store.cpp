#include "sandbox/idempotency/store.hpp"

namespace balcao::sandbox::idempotency {
namespace {

constexpr db::Statement find_key{"sandbox_find_key",
                                 "SELECT endpoint, fingerprint, request_id, status, body "
                                 "FROM sandbox.idempotency_keys WHERE key = $1 AND created_at > $2"};

constexpr db::Statement insert_key{
    "sandbox_insert_key",
    "INSERT INTO sandbox.idempotency_keys (key, created_at, endpoint, fingerprint, request_id, status, body) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7)"};

constexpr db::Statement remove_key{"sandbox_remove_key",
                                   "DELETE FROM sandbox.idempotency_keys WHERE key = $1 AND created_at <= $2"};

// A key that is used anew meanwhile is young again: the condition stands outside as well.
constexpr db::Statement purge_keys{
    "sandbox_purge_keys",
    "DELETE FROM sandbox.idempotency_keys WHERE created_at <= $1 AND key IN (SELECT key FROM "
    "sandbox.idempotency_keys WHERE created_at <= $1 ORDER BY created_at LIMIT $2)"};

}  // namespace

Task<std::optional<KeptAnswer>> Store::find(std::string key, Time kept_since) {
  auto const rows = co_await database_.query(find_key, key, kept_since);
  if (rows.empty()) co_return std::nullopt;
  auto const& row = rows.front();
  co_return KeptAnswer{row.get<std::string>(0), row.get<std::string>(1), row.get<std::string>(2), row.get<int>(3),
                       row.get<std::string>(4)};
}

db::Call Store::insert(std::string const& key, KeptAnswer const& answer, Time now) {
  return db::call(insert_key, key, now, answer.endpoint, answer.fingerprint, answer.request_id, answer.status,
                  answer.body);
}

db::Call Store::remove_old(std::string const& key, Time kept_since) { return db::call(remove_key, key, kept_since); }

Task<std::int64_t> Store::purge(Time kept_since, std::int64_t most) {
  co_return (co_await database_.query(purge_keys, kept_since, most)).affected;
}

}  // namespace balcao::sandbox::idempotency
