#pragma once

#include "payments/checkout/model.hpp"
#include "platform/jobs/due_rows.hpp"

namespace balcao::payments {

/// The checkouts, and all SQL about them. What changes something is a call, for the batch in which it comes true.
class CheckoutStore {
 public:
  explicit CheckoutStore(db::Database& database) : database_(database) {}

  Task<std::optional<Checkout>> find(Id<Checkout> id);
  Task<std::optional<Checkout>> find_by_gateway_id(std::string gateway_id);
  Task<std::optional<Checkout>> find_by_payment(Id<Payment> payment);

  static db::Call insert(Checkout const& checkout);
  /// Fails, with all that is in the batch, if the checkout has changed since it was read.
  static db::Call update(Checkout const& checkout);
  static db::Call remove(Id<Checkout> checkout);

  /// Checkouts that should have been settled by now.
  jobs::DueRows& unsettled() { return unsettled_; }

 private:
  db::Database& database_;
  jobs::DueRows unsettled_{
      database_, {.name = "payments.checkouts", .kind = "checkout page", .due = "retry_at", .counts = "tries"}};
};

}  // namespace balcao::payments
