#pragma once

#include "payments/payment/model.hpp"
#include "platform/json/describe.hpp"

namespace balcao::payments {

struct DeclineView {
  std::string code;
  std::optional<std::string> decline_code;
  std::string message;
};
BOOST_DESCRIBE_STRUCT(DeclineView, (), (code, decline_code, message))

/// A payment as clients and integrators see it.
struct PaymentView {
  Id<Payment> id;
  std::int64_t amount;
  std::string currency;
  std::string status;
  std::string capture;
  std::optional<std::string> method;
  std::optional<Id<Client>> client_id;
  std::optional<Id<Order>> order_id;
  std::optional<std::string> description;
  std::int64_t amount_captured;
  std::int64_t amount_refunded;
  std::optional<json::Value> next_action;
  std::optional<DeclineView> decline;
  std::optional<std::string> gateway_id;
  Time created_at;
  Time updated_at;
};
BOOST_DESCRIBE_STRUCT(PaymentView, (),
                      (id, amount, currency, status, capture, method, client_id, order_id, description, amount_captured,
                       amount_refunded, next_action, decline, gateway_id, created_at, updated_at))

PaymentView view(Payment const& payment);

}  // namespace balcao::payments
