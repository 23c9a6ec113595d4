#include "products/orders/orders.hpp"

#include "platform/runtime/recovery.hpp"
#include "platform/telemetry/log.hpp"
#include "products/orders/state.hpp"
#include "products/orders/view.hpp"

namespace balcao::products::orders {
namespace {

using namespace std::chrono_literals;
using Status = Order::Status;

constexpr std::size_t most_at_once = 16;

Problem no_such_order() {
  return Problem(balcao::problems::not_found, {"There is no such order.", "Não existe este pedido."});
}

Problem only_administrators() {
  return Problem(balcao::problems::forbidden,
                 {"The order is paid: only an administrator can cancel it and give the money back.",
                  "O pedido está pago: só um administrador pode cancelá-lo e estornar o valor."});
}

contracts::Bill bill_of(Order const& order) {
  return {order.id.uuid, order.owner.uuid, order.total, order.currency, "Order " + order.id.str()};
}

/// Whether it came to an end without payment, for good.
bool is_over(Order const& order) {
  return order.status == Status::failed || order.status == Status::expired || order.status == Status::canceled;
}

/// Whether something is still to come of it by itself.
bool is_open(Order const& order) {
  return order.status == Status::pending || order.status == Status::canceling || order.status == Status::refunding;
}

bool is_final(KeptAnswer const& answer) { return answer.status != 202; }

}  // namespace

Task<KeptAnswer> Orders::create(Actor actor, NewOrder wanted, KeyedRequest request) {
  auto const mark = ground_.keys.mark(request);
  if (auto known = co_await ground_.keys.recall(request)) co_return co_await go_on(std::move(*known), request);
  bool const is_paid_at_once = wanted.payment.has_value();
  auto reserved = co_await ground_.reservations.reserve(actor, std::move(wanted), request);
  if (auto* const known = std::get_if<KnownKey>(&reserved)) co_return co_await go_on(std::move(*known), request);
  auto order = std::get<Order>(std::move(reserved));
  if (is_paid_at_once) order = co_await see_to(std::move(order), Cause::progress, request);
  co_return answer_of(order);
}

/// The answer of a key that is known; what is not settled yet is gone on with.
Task<KeptAnswer> Orders::go_on(KnownKey known, KeyedRequest request) {
  if (known.answer) co_return std::move(*known.answer);
  co_return answer_of(co_await see_to(co_await read_again({known.thing}), Cause::progress, std::move(request)));
}

Task<Order> Orders::cancel(Actor actor, Id<Order> id) {
  for (int tries = 1;; ++tries) {
    auto order = co_await find(actor, id);
    if (is_over(order)) co_return order;
    bool const is_owed = order.status == Status::refunding && !order.refund_id;
    auto wanted = order;
    if (order.status == Status::pending) wanted = calling_off(order, Status::canceled, ground_.clock.now());
    if (order.status == Status::paid || is_owed) {
      if (!actor.administrator) throw only_administrators();
      wanted = refunding(order, ground_.clock.now());
    }
    if (differ(order, wanted)) {
      auto written = co_await write(order, std::move(wanted), std::nullopt);
      if (!written && tries < recovery::most_tries) continue;
      if (!written) throw overloaded("The order changes all the time", "O pedido muda o tempo todo");
      order = std::move(*written);
    }
    order = co_await see_to(std::move(order), Cause::progress, std::nullopt);
    bool const is_paid_now = order.status == Status::paid || (order.status == Status::refunding && !order.refund_id);
    if (!is_paid_now) co_return order;
    if (order.fault) throw failed({422, answer_of(order).body});
    if (tries == recovery::most_tries) co_return order;  // and otherwise it was paid meanwhile
  }
}

Task<Order> Orders::find(Actor actor, Id<Order> id) {
  auto order = co_await ground_.store.find(id);
  if (!order || (!actor.administrator && order->owner != actor.id)) throw no_such_order();
  co_return std::move(*order);
}

Task<std::vector<Order>> Orders::list(Actor actor, ListRequest request) {
  // Another's are as many as there are of somebody who is not there.
  if (!actor.administrator && request.owner && *request.owner != actor.id) co_return std::vector<Order>{};
  if (!actor.administrator) request.owner = actor.id;
  co_return co_await ground_.store.list(std::move(request));
}

Task<> Orders::changed(Id<Order> id) {
  if (auto order = co_await ground_.store.find(id)) co_await see_to(std::move(*order), Cause::news, std::nullopt);
}

Task<std::optional<contracts::OrderToPay>> Orders::to_pay(Id<Order> id, Id<Owner> user) {
  auto const order = co_await ground_.store.find(id);
  if (!order || order->owner != user) co_return std::nullopt;
  bool const payable =
      order->status == Status::pending && !order->method_given && ground_.clock.now() < order->expires_at;
  co_return contracts::OrderToPay{order->total, order->currency, bill_of(*order).description, payable,
                                  order->expires_at};
}

/// As far as it goes now. Where another was quicker, everything is read and decided again.
Task<Order> Orders::see_to(Order order, Cause cause, std::optional<KeyedRequest> request) {
  for (int tries = 1;; ++tries) {
    auto const now = ground_.clock.now();
    auto next = order;
    bool const is_late = order.status == Status::pending && order.expires_at <= now;
    if (is_late) {
      next = calling_off(order, Status::expired, now);
    } else if (cause == Cause::progress && !is_open(order)) {
      // There is nothing to go on with; another was quicker, if it was open before.
    } else if (auto const told = co_await ask(order, cause)) {
      next = take_over(order, *told, ground_.clock.now());
    }
    if (!differ(order, next)) {
      if (cause == Cause::progress && is_open(order)) co_await ground_.store.put_off(order, next_look(order, now));
      if (request) co_await keep_answer(order, *request);
      co_return order;
    }
    auto written = co_await write(order, next, request);
    if (!written) {
      if (tries == recovery::most_tries)
        throw overloaded("The order changes all the time", "O pedido muda o tempo todo");
      order = co_await read_again(order.id);
      continue;
    }
    bool const goes_on = written->status == Status::canceling && order.status != Status::canceling;
    if (!goes_on) co_return std::move(*written);
    order = std::move(*written);
    cause = Cause::progress;
  }
}

/// Nothing where Payments cannot be asked, or does not know.
Task<std::optional<contracts::Settlement>> Orders::ask(Order order, Cause cause) {
  try {
    co_return co_await settle(order, cause);
  } catch (Problem const& problem) {
    log::warn("an order's payment is not known yet", {{"order", order.id.str()}, {"cause", problem.what()}});
  }
  co_return std::nullopt;
}

Task<contracts::Settlement> Orders::settle(Order order, Cause cause) {
  auto& payments = ground_.payments;
  // Only who has asked for the refund knows that what is not given back was not to be had.
  if (order.status == Status::refunding && order.refund_id) {
    return payments.refund_order(order.id.uuid, *order.refund_id);
  }
  if (cause == Cause::progress && order.status == Status::canceling) return payments.call_off(bill_of(order));
  if (cause == Cause::progress && order.status == Status::pending && order.payment) {
    return payments.pay_order(bill_of(order), order.payment->pay_with, order.payment->return_url);
  }
  return payments.payment_of_order(order.id.uuid);
}

Task<std::optional<Order>> Orders::write(Order before, Order after, std::optional<KeyedRequest> request) {
  after.due_at = next_look(after, ground_.clock.now());
  std::vector<db::Call> also;
  if (auto answer = answer_of(after); request && is_final(answer)) also.push_back(ground_.keys.keep(*request, answer));
  bool const has_failed = after.fault && !before.fault && after.fault->code == "refund_failed";
  auto written = co_await ground_.reservations.write(std::move(before), std::move(after), std::move(also));
  if (written && has_failed) log::error("an order's refund has failed", {{"order", written->id.str()}});
  co_return written;
}

/// Where it was another who has settled the order.
Task<> Orders::keep_answer(Order order, KeyedRequest request) {
  auto const answer = answer_of(order);
  if (!is_final(answer)) co_return;
  std::vector<db::Call> calls{ground_.keys.keep(request, answer)};
  co_await ground_.store.apply(std::move(calls));
}

Task<Order> Orders::read_again(Id<Order> id) {
  auto order = co_await ground_.store.find(id);
  if (!order) throw no_such_order();
  co_return std::move(*order);
}

Task<> Orders::run() {
  while (!stopping_) {
    bool more = false;
    try {
      more = co_await recover();
    } catch (std::exception const& error) {
      log::warn("left for the next round", {{"what", "orders that are due"}, {"cause", error.what()}});
    }
    if (!more && !stopping_) co_await wake_up_.wait(1s);
  }
}

void Orders::stop() {
  stopping_ = true;
  wake_up_.ring();
}

Task<bool> Orders::recover() {
  return ground_.store.due().process(ground_.clock, recovery::lease, most_at_once,
                                     jobs::each<Order>("order", [this](Id<Order> id) { return look_after(id); }));
}

Task<> Orders::look_after(Id<Order> id) {
  if (auto order = co_await ground_.store.find(id)) {
    co_await see_to(std::move(*order), Cause::progress, std::nullopt);
  }
}

}  // namespace balcao::products::orders
