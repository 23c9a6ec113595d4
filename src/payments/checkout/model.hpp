#pragma once

#include "payments/payment/model.hpp"

namespace balcao::payments {

/// A page of the gateway's where someone pays: no card number ever reaches us.
struct Checkout {
  enum class Status { open, complete, expired };

  Id<Checkout> id;
  Id<Payment> payment;
  std::optional<std::string> gateway_id{};  ///< `cs_…`; none while it is not known whether the gateway has made it
  std::string success_url;
  std::string cancel_url;
  std::optional<std::string> url{};  ///< where to send the customer, while it is open
  Status status = Status::open;
  std::int64_t version = 1;
  std::optional<Time> retry_at{};
  std::int64_t tries = 0;
  Time expires_at;
  Time created_at;
};

std::string_view status_of(Checkout const& checkout);

struct NewCheckoutPage {
  NewPayment payment;
  std::string success_url;
  std::string cancel_url;
  std::chrono::seconds life{std::chrono::hours(24)};
};

/// A page for an order, which says the rest.
struct OrderPage {
  Id<Order> order;
  std::optional<Id<Client>> client{};
  std::string success_url;
  std::string cancel_url;
};

/// A checkout as clients see it, as a JSON object.
std::string to_json(Checkout const& checkout);

namespace problems {

inline constexpr ProblemType order_not_payable{409, "order_not_payable", "The order does not wait to be paid there",
                                               "O pedido não espera pagamento ali"};
inline constexpr ProblemType order_being_paid{409, "order_being_paid", "The order is being paid already",
                                              "O pedido já está sendo pago"};

}  // namespace problems
}  // namespace balcao::payments
