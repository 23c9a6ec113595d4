#pragma once

#include "payments/ledger/ledger.hpp"
#include "payments/payment/model.hpp"

namespace balcao::payments {

/// Money given back, in part or whole. Two equal ones are legitimate, so its key at the gateway is its own id.
struct Refund {
  using Status = GatewayRefund::Status;

  Id<Refund> id;
  Id<Payment> payment;
  Id<Owner> owner;                   ///< of the payment
  std::optional<Id<Order>> order{};  ///< that the payment is of
  std::int64_t amount;
  std::string currency;
  std::optional<std::string> reason{};
  std::optional<Status> status{};           ///< none while it is not known whether the gateway has made it
  std::optional<std::string> gateway_id{};  ///< `re_…`
  std::optional<std::string> failure_reason{};
  std::int64_t version = 1;
  std::optional<Time> retry_at{};  ///< when recovery takes it up, while it is not settled
  std::int64_t tries = 0;
  Time created_at;
  Time updated_at;
};

std::string_view status_of(Refund const& refund);

/// What the gateway says of a refund, taken over.
struct RefundChange {
  Refund refund;
  bool changed;
  std::int64_t given_back;  ///< what the payment's refunded amount is less now, since this one has failed
  std::vector<Transfer> transfers;
};

/// Takes over what the gateway says. A refund that has succeeded can fail later; one that has failed or was canceled
/// stays so, and nothing goes back to what it was before it succeeded, whatever an older answer says. No I/O.
RefundChange take_over(Refund refund, GatewayRefund const& told, Time now);

/// A refund as clients and integrators see it, as a JSON object.
std::string to_json(Refund const& refund);

namespace problems {

inline constexpr ProblemType refund_too_large{409, "refund_too_large", "More than is left cannot be refunded",
                                              "Não é possível estornar mais do que resta"};

}  // namespace problems
}  // namespace balcao::payments
