#pragma once

#include "payments/payment/model.hpp"
#include "platform/jobs/due_rows.hpp"

namespace balcao::payments {

/// The payments and their attempts, and all SQL about them. What changes something is a call, for the batch in which it
/// comes true together with its cause. Fails as db::Database does.
class PaymentStore {
 public:
  explicit PaymentStore(db::Database& database) : database_(database) {}

  Task<std::optional<Payment>> find(Id<Payment> id);
  Task<std::optional<Payment>> find_by_gateway_id(std::string gateway_id);
  Task<std::optional<Payment>> find_by_order(Id<Order> order);
  /// At most `limit` + 1, so that the caller learns whether there are more.
  Task<std::vector<Payment>> list(PaymentListRequest request);
  /// All that have been made from then on, in the order of their making; at most `most`, behind `after`.
  Task<std::vector<Payment>> made_between(Time from, Time until, std::optional<Id<Payment>> after, std::size_t most);
  Task<std::vector<Attempt>> attempts_of(Id<Payment> payment);

  static db::Call insert(Payment const& payment);
  /// Takes over the payment's state. Fails, with all that is in the batch, if it has changed since it was read, and
  /// where a final state would be left.
  static db::Call update(Payment const& payment);
  /// Fails, with all that is in the batch, where more would be refunded than was captured.
  static db::Call add_refunded(Id<Payment> payment, std::int64_t amount, Time now);
  /// As if the payment had never been: the gateway would not have it.
  static std::vector<db::Call> remove(Id<Payment> payment);

  /// Fails, with all that is in the batch, while another attempt of the payment is open. Recovery takes it up at
  /// `retry_at`, if it is not settled by then.
  static db::Call insert(Attempt const& attempt, Id<Payment> payment, Time retry_at);
  static db::Call settle(Id<Attempt> attempt, Attempt::Outcome outcome, std::optional<std::string> const& code,
                         Time now);

  /// Attempts that should have been settled by now; the work is given their payments' ids.
  jobs::DueRows& unsettled() { return unsettled_; }
  Task<> retry_at(Id<Attempt> attempt, Time when);
  /// Payments of which nothing has been heard for long.
  jobs::DueRows& unheard() { return unheard_; }

  /// Does all of it, or nothing.
  Task<> apply(std::vector<db::Call> calls);

 private:
  db::Database& database_;
  jobs::DueRows unsettled_{database_,
                           {.name = "payments.attempts",
                            .kind = "payment attempt",
                            .due = "retry_at",
                            .columns = "payment_id",
                            .counts = "tries",
                            .open = "settled_at IS NULL"}};
  jobs::DueRows unheard_{database_, {.name = "payments.payments", .kind = "payment", .due = "check_at"}};
};

}  // namespace balcao::payments
