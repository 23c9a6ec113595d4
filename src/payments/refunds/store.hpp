#pragma once

#include "payments/refunds/model.hpp"
#include "platform/jobs/due_rows.hpp"

namespace balcao::payments {

/// The refunds, and all SQL about them. What changes something is a call, for the batch in which it comes true.
class RefundStore {
 public:
  explicit RefundStore(db::Database& database) : database_(database) {}

  Task<std::optional<Refund>> find(Id<Refund> id);
  Task<std::optional<Refund>> find_by_gateway_id(std::string gateway_id);
  /// Newest first, at most `limit` + 1 behind `after`.
  Task<std::vector<Refund>> list(Id<Payment> payment, std::size_t limit, std::optional<Id<Refund>> after);

  /// Whether one of a payment's is not settled at the gateway.
  Task<bool> has_pending(Id<Payment> payment);

  static db::Call insert(Refund const& refund);
  /// Fails, with all that is in the batch, if the refund has changed since it was read.
  static db::Call update(Refund const& refund);
  static db::Call remove(Id<Refund> refund);

  /// Refunds that should have been settled by now.
  jobs::DueRows& unsettled() { return unsettled_; }
  Task<> retry_at(Id<Refund> refund, Time when);

 private:
  db::Database& database_;
  jobs::DueRows unsettled_{database_,
                           {.name = "payments.refunds", .kind = "refund", .due = "retry_at", .counts = "tries"}};
};

}  // namespace balcao::payments
