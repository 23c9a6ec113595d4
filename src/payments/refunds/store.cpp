#include "payments/refunds/store.hpp"

#include "payments/payment/words.hpp"

namespace balcao::payments {
namespace {

using db::Statement;

#define SELECT_REFUND                                                                               \
  "SELECT r.id, r.payment_id, p.owner_id, r.amount, p.currency, r.reason, r.status, r.gateway_id, " \
  "r.failure_reason, r.version, r.retry_at, r.tries, r.created_at, r.updated_at, p.order_id "       \
  "FROM payments.refunds AS r JOIN payments.payments AS p ON p.id = r.payment_id "

constexpr Statement find_sql{"payments.find_refund", SELECT_REFUND "WHERE r.id = $1"};
constexpr Statement find_by_gateway_id_sql{"payments.find_refund_by_gateway_id",
                                           SELECT_REFUND "WHERE r.gateway_id = $1"};
constexpr Statement list_sql{"payments.list_refunds",
                             SELECT_REFUND "WHERE r.payment_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3"};

#undef SELECT_REFUND

constexpr Statement has_pending_sql{"payments.has_pending_refund", R"(SELECT id FROM payments.refunds
WHERE payment_id = $1 AND status IN ('unknown', 'pending', 'requires_action') LIMIT 1)"};

constexpr Statement insert_sql{"payments.insert_refund", R"(
INSERT INTO payments.refunds (id, payment_id, amount, reason, status, gateway_id, failure_reason, version, retry_at,
  tries, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, 0, $9, $10))"};

// Another version makes it NULL, which the column refuses: the whole batch fails.
constexpr Statement update_sql{"payments.update_refund", R"(
UPDATE payments.refunds SET version = CASE WHEN version = $2 THEN version + 1 END, status = $3, gateway_id = $4,
  failure_reason = $5, retry_at = $6, updated_at = $7 WHERE id = $1)"};

constexpr Statement remove_sql{"payments.remove_refund",
                               R"(DELETE FROM payments.refunds WHERE id = $1 AND gateway_id IS NULL)"};

constexpr Statement retry_at_sql{"payments.retry_refund_at", R"(
UPDATE payments.refunds SET retry_at = $2 WHERE id = $1 AND retry_at IS NOT NULL)"};

std::string const unknown = "unknown";

Refund read(db::Row const& row) {
  auto const status = row.get<std::string>(6);
  return {.id = row.get<Id<Refund>>(0),
          .payment = row.get<Id<Payment>>(1),
          .owner = row.get<Id<Owner>>(2),
          .order = row.get<std::optional<Id<Order>>>(14),
          .amount = row.get<std::int64_t>(3),
          .currency = row.get<std::string>(4),
          .reason = row.get<std::optional<std::string>>(5),
          .status = status == unknown ? std::nullopt : std::optional(refund_words.read(status)),
          .gateway_id = row.get<std::optional<std::string>>(7),
          .failure_reason = row.get<std::optional<std::string>>(8),
          .version = row.get<std::int64_t>(9),
          .retry_at = row.get<std::optional<Time>>(10),
          .tries = row.get<std::int64_t>(11),
          .created_at = row.get<Time>(12),
          .updated_at = row.get<Time>(13)};
}

std::optional<Refund> read_one(db::Rows const& rows) {
  return rows.empty() ? std::nullopt : std::optional(read(rows.front()));
}

}  // namespace

Task<std::optional<Refund>> RefundStore::find(Id<Refund> id) {
  co_return read_one(co_await database_.query(find_sql, id));
}

Task<std::optional<Refund>> RefundStore::find_by_gateway_id(std::string gateway_id) {
  co_return read_one(co_await database_.query(find_by_gateway_id_sql, gateway_id));
}

Task<std::vector<Refund>> RefundStore::list(Id<Payment> payment, std::size_t limit, std::optional<Id<Refund>> after) {
  std::vector<Refund> refunds;
  auto const behind = after ? after->uuid : last_uuid;
  for (auto const& row : co_await database_.query(list_sql, payment, behind, limit + 1)) refunds.push_back(read(row));
  co_return refunds;
}

Task<bool> RefundStore::has_pending(Id<Payment> payment) {
  co_return !(co_await database_.query(has_pending_sql, payment)).empty();
}

db::Call RefundStore::insert(Refund const& refund) {
  return db::call(insert_sql, refund.id, refund.payment, refund.amount, refund.reason, status_of(refund),
                  refund.gateway_id, refund.failure_reason, refund.retry_at, refund.created_at, refund.updated_at);
}

db::Call RefundStore::update(Refund const& refund) {
  return db::call(update_sql, refund.id, refund.version, status_of(refund), refund.gateway_id, refund.failure_reason,
                  refund.retry_at, refund.updated_at);
}

db::Call RefundStore::remove(Id<Refund> refund) { return db::call(remove_sql, refund); }

Task<> RefundStore::retry_at(Id<Refund> refund, Time when) { co_await database_.query(retry_at_sql, refund, when); }

}  // namespace balcao::payments
