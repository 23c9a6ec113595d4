#include "platform/idempotency/store.hpp"

namespace balcao {
namespace {

/// The text with the table's name in the place of `@`.
std::string with_table(std::string text, std::string const& schema) {
  for (auto at = text.find('@'); at != text.npos; at = text.find('@'))
    text.replace(at, 1, schema + ".idempotency_keys");
  return text;
}

// A row that is not over makes it NULL, which the column refuses: the whole batch fails.
constexpr auto claim_sql = R"(
INSERT INTO @ AS k (owner_id, key, fingerprint, thing_id, holder, leased_until, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (owner_id, key) DO UPDATE SET fingerprint = CASE WHEN k.created_at < $8 THEN excluded.fingerprint END,
  thing_id = excluded.thing_id, holder = excluded.holder, leased_until = excluded.leased_until,
  created_at = excluded.created_at, status = NULL, body = NULL)";

constexpr auto keep_sql = R"(
UPDATE @ SET status = $4, body = $5 WHERE owner_id = $1 AND key = $2 AND fingerprint = $3 AND status IS NULL)";

constexpr auto forget_sql = "DELETE FROM @ WHERE owner_id = $1 AND key = $2 AND fingerprint = $3 AND status IS NULL";
constexpr auto forget_thing_sql = "DELETE FROM @ WHERE thing_id = $1";

constexpr auto find_sql = R"(SELECT fingerprint, thing_id, status, body, holder
FROM @ WHERE owner_id = $1 AND key = $2 AND created_at >= $3)";

constexpr auto take_sql = R"(
UPDATE @ SET holder = $3, leased_until = $5
WHERE owner_id = $1 AND key = $2 AND status IS NULL AND leased_until <= $4)";

// A key that is claimed anew meanwhile is young again: the condition stands outside as well.
constexpr auto remove_sql = R"(
DELETE FROM @ WHERE created_at < $1 AND (owner_id, key) IN (
  SELECT owner_id, key FROM @ WHERE created_at < $1 ORDER BY created_at LIMIT $2))";

}  // namespace

IdempotencyKeys::Store::Store(db::Database& database, std::string const& schema)
    : database_(database),
      claim_("claim_key", with_table(claim_sql, schema)),
      keep_("keep_answer", with_table(keep_sql, schema)),
      forget_("forget_key", with_table(forget_sql, schema)),
      forget_thing_("forget_key_of", with_table(forget_thing_sql, schema)),
      find_("find_key", with_table(find_sql, schema)),
      take_("take_key", with_table(take_sql, schema)),
      remove_("purge_keys", with_table(remove_sql, schema)) {}

db::Call IdempotencyKeys::Store::claim(KeyedRequest const& request, Uuid thing, Uuid holder, Time now,
                                       Time leased_until, Time kept_since) const {
  return db::call(claim_.statement, request.owner, request.key, request.fingerprint, thing, holder, leased_until, now,
                  kept_since);
}

db::Call IdempotencyKeys::Store::keep(KeyedRequest const& request, KeptAnswer const& answer) const {
  return db::call(keep_.statement, request.owner, request.key, request.fingerprint, answer.status, answer.body);
}

db::Call IdempotencyKeys::Store::forget(KeyedRequest const& request) const {
  return db::call(forget_.statement, request.owner, request.key, request.fingerprint);
}

db::Call IdempotencyKeys::Store::forget(Uuid thing) const { return db::call(forget_thing_.statement, thing); }

Task<std::optional<IdempotencyKeys::Store::Row>> IdempotencyKeys::Store::find(KeyedRequest request,
                                                                              Time kept_since) const {
  auto const rows = co_await database_.query(find_.statement, request.owner, request.key, kept_since);
  if (rows.empty()) co_return std::nullopt;
  auto const& row = rows.front();
  std::optional<KeptAnswer> answer;
  if (auto const status = row.get<std::optional<int>>(2)) answer = KeptAnswer{*status, row.get<std::string>(3)};
  co_return Row{row.get<std::string>(0), row.get<Uuid>(1), std::move(answer), row.get<Uuid>(4)};
}

Task<bool> IdempotencyKeys::Store::take(KeyedRequest request, Uuid holder, Time now, Time leased_until) const {
  auto const taken = co_await database_.query(take_.statement, request.owner, request.key, holder, now, leased_until);
  co_return taken.affected == 1;
}

Task<std::int64_t> IdempotencyKeys::Store::remove_before(Time kept_since, std::int64_t most) const {
  co_return (co_await database_.query(remove_.statement, kept_since, most)).affected;
}

}  // namespace balcao
