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

/// A checkout as clients see it, as a JSON object.
std::string to_json(Checkout const& checkout);

}  // namespace balcao::payments
