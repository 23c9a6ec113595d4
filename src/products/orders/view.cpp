#include "products/orders/view.hpp"

#include "platform/json/parse.hpp"

namespace balcao::products::orders {
namespace {

int status_of_answer(Order const& order) {
  using enum Order::Status;
  if (order.status == failed) return order.fault && order.fault->refused ? 422 : 402;
  bool const is_open = order.status == canceling || (order.status == pending && order.is_unknown());
  return is_open ? 202 : 201;
}

std::string text_at(json::Object const& object, std::string_view name) {
  auto const* member = object.if_contains(name);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

}  // namespace

OrderView view(Order const& order) {
  OrderView shown{.id = order.id,
                  .owner_id = order.owner,
                  .status = std::string(to_string(order.status)),
                  .currency = order.currency,
                  .total = order.total,
                  .items = {},
                  .payment_id = order.payment_id,
                  .payment_status = order.payment_status,
                  .decline = std::nullopt,
                  .expires_at = order.expires_at,
                  .created_at = order.created_at,
                  .updated_at = order.updated_at};
  for (auto const& item : order.items) {
    shown.items.push_back(
        {item.product_id, item.name, item.unit_price, item.quantity, item.unit_price * item.quantity});
  }
  if (auto const& fault = order.fault) {
    auto const& code = fault->decline_code;
    shown.decline = FaultView{fault->code, code.empty() ? std::nullopt : std::optional(code), fault->message};
  }
  return shown;
}

KeptAnswer answer_of(Order const& order) { return {status_of_answer(order), json::encode(view(order))}; }

Problem failed(KeptAnswer const& answer) {
  auto const order = json::parse(answer.body).value().as_object();
  auto const* member = order.if_contains("decline");
  auto const decline = member && member->is_object() ? member->as_object() : json::Object{};
  auto const id = text_at(order, "id");
  auto const message = text_at(decline, "message");
  return Problem(answer.status == 402 ? problems::order_declined : problems::order_refused, {message, message})
      .with_header("Location", "/orders/" + id)
      .with_member("order_id", id)
      .with_member("payment_id", text_at(order, "payment_id"))
      .with_member("gateway_code", text_at(decline, "code"))
      .with_member("decline_code", text_at(decline, "decline_code"));
}

}  // namespace balcao::products::orders
