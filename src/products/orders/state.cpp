#include "products/orders/state.hpp"

#include <algorithm>
#include <stdexcept>
#include <tuple>

#include "platform/runtime/recovery.hpp"

namespace balcao::products::orders {
namespace {

using Status = Order::Status;

Fault fault_of(contracts::PaymentFault const& told, bool refused) {
  return {told.code, told.decline_code, told.message, refused};
}

Order become(Order order, Status status, Time now) {
  if (order.status == status) return order;
  order.status = status;
  order.tries = 0;
  order.updated_at = now;
  if (status != Status::canceling) order.ending.reset();
  if (status != Status::pending) order.payment.reset();
  return order;
}

/// An end without payment: its pieces go back.
Order end(Order order, Status status, Time now) {
  order.holds_stock = false;
  return become(std::move(order), status, now);
}

/// One that waits to be paid, of which Payments says something else than that it is.
Order unpaid(Order order, contracts::PaymentOfOrder const& payment, Time now) {
  if (payment.status == "canceled") {
    auto const ending = order.ending.value_or(now >= order.expires_at ? Status::expired : Status::canceled);
    return end(std::move(order), ending, now);
  }
  // Until the gateway was asked to take the money and has answered, the order may have to be paid once more.
  bool const is_answered =
      payment.decline || (payment.status != "requires_payment_method" && payment.status != "requires_confirmation" &&
                          payment.status != "unknown");
  if (order.status == Status::canceling || !is_answered) return order;
  order.payment.reset();
  if (payment.decline && order.method_given && payment.status == "requires_payment_method") {
    order.fault = fault_of(*payment.decline, false);
    return calling_off(std::move(order), Status::failed, now);
  }
  return order;
}

/// One that was paid, once.
Order paid_once(Order order, contracts::PaymentOfOrder const& payment, std::optional<Fault> refused, Time now) {
  auto const left = payment.amount_captured - payment.amount_refunded;
  if (left == 0 && !payment.refund_pending) {
    if (order.status == Status::refunding) order.holds_stock = false;
    order.fault.reset();
    return become(std::move(order), Status::refunded, now);
  }
  bool const has_failed = refused || (left > 0 && !payment.refund_pending);
  if (order.status == Status::paid || !has_failed) return order;
  // What is owed and could not be given back: whoever canceled it may do so again.
  order.refund_id.reset();
  order.fault = refused ? std::move(refused) : std::optional(Fault{"refund_failed", "", "The refund failed.", true});
  return become(std::move(order), order.holds_stock ? Status::paid : Status::refunding, now);
}

}  // namespace

std::string_view to_string(Status status) { return Order::words.at(static_cast<std::size_t>(status)); }

Status read_status(std::string_view word) {
  auto const found = std::ranges::find(Order::words, word);
  if (found == Order::words.end()) throw std::invalid_argument("an unknown word: " + std::string(word));
  return static_cast<Status>(found - Order::words.begin());
}

Order take_over(Order order, contracts::Settlement const& told, Time now) {
  auto refused = told.refused ? std::optional(fault_of(*told.refused, true)) : std::nullopt;
  if (told.payment) {
    order.payment_id = told.payment->id;
    order.payment_status = told.payment->status;
  }
  switch (order.status) {
    case Status::pending:
    case Status::canceling:
      if (told.payment && told.payment->status == "succeeded") {
        order.fault.reset();
        return become(std::move(order), Status::paid, now);
      }
      if (refused && order.status == Status::pending) {
        order.fault = std::move(refused);
        return calling_off(std::move(order), Status::failed, now);
      }
      return told.payment ? unpaid(std::move(order), *told.payment, now) : order;
    case Status::paid:
    case Status::refunding:
    case Status::refunded:
      return told.payment ? paid_once(std::move(order), *told.payment, std::move(refused), now) : order;
    default:
      return order;
  }
}

Order calling_off(Order order, Status ending, Time now) {
  order.ending = ending;
  return become(std::move(order), Status::canceling, now);
}

Order refunding(Order order, Time now) {
  order.refund_id = Uuid::make(now);
  order.fault.reset();
  return become(std::move(order), Status::refunding, now);
}

bool differ(Order const& one, Order const& other) {
  auto const what = [](Order const& order) {
    return std::tuple(order.status, order.ending, order.is_unknown(), order.payment_id, order.payment_status,
                      order.refund_id, order.holds_stock);
  };
  return what(one) != what(other);
}

std::optional<Time> next_look(Order const& order, Time now) {
  auto const soon = now + recovery::wait_after(order.tries);
  switch (order.status) {
    case Status::pending:
      return order.is_unknown() ? std::min<Time>(soon, order.expires_at) : order.expires_at;
    case Status::canceling:
      return soon;
    case Status::refunding:
      return order.refund_id ? std::optional<Time>(soon) : std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace balcao::products::orders
