#include "payments/payment/answers.hpp"

#include "payments/payment/model.hpp"
#include "platform/json/parse.hpp"

namespace balcao::payments {
namespace {

std::string text_at(json::Object const& object, std::string_view name) {
  auto const* member = object.if_contains(name);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

}  // namespace

Problem declined(KeptAnswer const& answer, std::string location) {
  auto const document = json::parse(answer.body);
  auto const payment = document && document->is_object() ? document->as_object() : json::Object{};
  auto const* member = payment.if_contains("decline");
  auto const decline = member && member->is_object() ? member->as_object() : json::Object{};
  auto const message = text_at(decline, "message");
  return Problem(problems::payment_declined, {message, message})
      .with_header("Location", std::move(location))
      .with_member("payment_id", text_at(payment, "id"))
      .with_member("gateway_code", text_at(decline, "code"))
      .with_member("decline_code", text_at(decline, "decline_code"));
}

}  // namespace balcao::payments
