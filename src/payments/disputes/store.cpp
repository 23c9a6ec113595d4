#include "payments/disputes/store.hpp"

namespace balcao::payments {
namespace {

using db::Statement;

constexpr Statement find_by_gateway_id_sql{"payments.find_dispute", R"(SELECT
  id, payment_id, gateway_id, amount, currency, status, reason, version, created_at, updated_at
FROM payments.disputes WHERE gateway_id = $1)"};

constexpr Statement of_payment_sql{"payments.disputes_of_payment", R"(SELECT
  id, payment_id, gateway_id, amount, currency, status, reason, version, created_at, updated_at
FROM payments.disputes WHERE payment_id = $1 ORDER BY id DESC)"};

constexpr Statement insert_sql{"payments.insert_dispute", R"(
INSERT INTO payments.disputes (id, payment_id, gateway_id, amount, currency, status, reason, version, created_at,
  updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $8))"};

// Another version makes it NULL, which the column refuses: the whole batch fails.
constexpr Statement update_sql{"payments.update_dispute", R"(
UPDATE payments.disputes SET version = CASE WHEN version = $2 THEN version + 1 END, status = $3, amount = $4,
  updated_at = $5 WHERE id = $1)"};

Dispute read(db::Row const& row) {
  return {.id = row.get<Id<Dispute>>(0),
          .payment = row.get<Id<Payment>>(1),
          .gateway_id = row.get<std::string>(2),
          .amount = row.get<std::int64_t>(3),
          .currency = row.get<std::string>(4),
          .status = row.get<std::string>(5),
          .reason = row.get<std::string>(6),
          .version = row.get<std::int64_t>(7),
          .created_at = row.get<Time>(8),
          .updated_at = row.get<Time>(9)};
}

}  // namespace

Task<std::optional<Dispute>> DisputeStore::find_by_gateway_id(std::string gateway_id) {
  auto const rows = co_await database_.query(find_by_gateway_id_sql, gateway_id);
  co_return rows.empty() ? std::nullopt : std::optional(read(rows.front()));
}

Task<std::vector<Dispute>> DisputeStore::of(Id<Payment> payment) {
  std::vector<Dispute> disputes;
  for (auto const& row : co_await database_.query(of_payment_sql, payment)) disputes.push_back(read(row));
  co_return disputes;
}

db::Call DisputeStore::insert(Dispute const& dispute) {
  return db::call(insert_sql, dispute.id, dispute.payment, dispute.gateway_id, dispute.amount, dispute.currency,
                  dispute.status, dispute.reason, dispute.created_at);
}

db::Call DisputeStore::update(Dispute const& dispute) {
  return db::call(update_sql, dispute.id, dispute.version, dispute.status, dispute.amount, dispute.updated_at);
}

}  // namespace balcao::payments
