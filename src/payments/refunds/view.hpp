#pragma once

#include "payments/refunds/model.hpp"
#include "platform/json/describe.hpp"

namespace balcao::payments {

/// A refund as clients and integrators see it.
struct RefundView {
  Id<Refund> id;
  Id<Payment> payment_id;
  std::int64_t amount;
  std::string currency;
  std::string status;
  std::optional<std::string> reason;
  std::optional<std::string> failure_reason;
  std::optional<std::string> gateway_id;
  Time created_at;
  Time updated_at;
};
BOOST_DESCRIBE_STRUCT(RefundView, (),
                      (id, payment_id, amount, currency, status, reason, failure_reason, gateway_id, created_at,
                       updated_at))

RefundView view(Refund const& refund);

}  // namespace balcao::payments
