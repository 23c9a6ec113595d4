#include "payments/payment/view.hpp"

#include "payments/payment/json.hpp"

namespace balcao::payments {
namespace {

std::optional<std::string> unless_empty(std::string const& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

PaymentView view(Payment const& payment) {
  PaymentView shown{.id = payment.id,
                    .amount = payment.amount,
                    .currency = payment.currency,
                    .status = std::string(status_of(payment)),
                    .capture = std::string(to_string(payment.capture)),
                    .method = payment.method,
                    .client_id = payment.client,
                    .order_id = payment.order,
                    .description = payment.description,
                    .amount_captured = payment.amount_captured,
                    .amount_refunded = payment.amount_refunded,
                    .next_action = std::nullopt,
                    .decline = std::nullopt,
                    .gateway_id = payment.gateway_id,
                    .created_at = payment.created_at,
                    .updated_at = payment.updated_at};
  if (payment.next_action) shown.next_action = *payment.next_action;
  if (payment.decline) {
    shown.decline =
        DeclineView{payment.decline->code, unless_empty(payment.decline->decline_code), payment.decline->message};
  }
  return shown;
}

std::string to_json(Payment const& payment) { return json::encode(view(payment)); }

}  // namespace balcao::payments
