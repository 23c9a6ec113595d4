#include "payments/idempotency/store.hpp"

namespace balcao::payments::idempotency {
namespace {

using db::Statement;

// A row that is not over makes it NULL, which the column refuses: the whole batch fails.
constexpr Statement claim_sql{"payments.claim_key", R"(
INSERT INTO payments.idempotency_keys AS k (owner_id, key, fingerprint, thing_id, holder, leased_until, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (owner_id, key) DO UPDATE SET fingerprint = CASE WHEN k.created_at < $8 THEN excluded.fingerprint END,
  thing_id = excluded.thing_id, holder = excluded.holder, leased_until = excluded.leased_until,
  created_at = excluded.created_at, status = NULL, body = NULL)"};

constexpr Statement keep_sql{"payments.keep_answer", R"(
UPDATE payments.idempotency_keys SET status = $4, body = $5
WHERE owner_id = $1 AND key = $2 AND fingerprint = $3 AND status IS NULL)"};

constexpr Statement forget_sql{"payments.forget_key", R"(
DELETE FROM payments.idempotency_keys WHERE owner_id = $1 AND key = $2 AND fingerprint = $3 AND status IS NULL)"};

constexpr Statement forget_thing_sql{"payments.forget_key_of",
                                     R"(DELETE FROM payments.idempotency_keys WHERE thing_id = $1)"};

constexpr Statement find_sql{"payments.find_key", R"(SELECT fingerprint, thing_id, status, body, holder
FROM payments.idempotency_keys WHERE owner_id = $1 AND key = $2 AND created_at >= $3)"};

constexpr Statement take_sql{"payments.take_key", R"(
UPDATE payments.idempotency_keys SET holder = $3, leased_until = $5
WHERE owner_id = $1 AND key = $2 AND status IS NULL AND leased_until <= $4)"};

constexpr Statement remove_sql{"payments.purge_keys", R"(DELETE FROM payments.idempotency_keys WHERE created_at < $1)"};

}  // namespace

db::Call claim(KeyedRequest const& request, Uuid thing, Uuid holder, Time now, Time leased_until, Time kept_since) {
  return db::call(claim_sql, request.owner, request.key, request.fingerprint, thing, holder, leased_until, now,
                  kept_since);
}

db::Call keep(KeyedRequest const& request, KeptAnswer const& answer) {
  return db::call(keep_sql, request.owner, request.key, request.fingerprint, answer.status, answer.body);
}

db::Call forget(KeyedRequest const& request) {
  return db::call(forget_sql, request.owner, request.key, request.fingerprint);
}

db::Call forget(Uuid thing) { return db::call(forget_thing_sql, thing); }

Task<std::optional<Row>> find(db::Database& database, KeyedRequest request, Time kept_since) {
  auto const rows = co_await database.query(find_sql, request.owner, request.key, kept_since);
  if (rows.empty()) co_return std::nullopt;
  auto const& row = rows.front();
  std::optional<KeptAnswer> answer;
  if (auto const status = row.get<std::optional<int>>(2)) answer = KeptAnswer{*status, row.get<std::string>(3)};
  co_return Row{row.get<std::string>(0), row.get<Uuid>(1), std::move(answer), row.get<Uuid>(4)};
}

Task<bool> take(db::Database& database, KeyedRequest request, Uuid holder, Time now, Time leased_until) {
  co_return (co_await database.query(take_sql, request.owner, request.key, holder, now, leased_until)).affected == 1;
}

Task<> remove_before(db::Database& database, Time kept_since) { co_await database.query(remove_sql, kept_since); }

}  // namespace balcao::payments::idempotency
