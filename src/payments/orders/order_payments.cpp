#include "payments/orders/order_payments.hpp"

#include "payments/payment/parameters.hpp"
#include "platform/runtime/recovery.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::payments {
namespace {

using contracts::Bill;
using contracts::PaymentFault;
using contracts::Settlement;

NewPayment wanted_for(Bill const& bill) {
  return {.amount = bill.amount,
          .currency = bill.currency,
          .order = Id<Order>{bill.order},
          .description = bill.description};
}

/// What the gateway said, where the Problem is that it would not do it.
std::optional<PaymentFault> refusal_in(Problem const& problem) {
  if (problem.type().code != problems::gateway_refused.code) return std::nullopt;
  PaymentFault fault{.code = "", .decline_code = "", .message = problem.detail().en};
  for (auto const& [name, value] : problem.members()) {
    if (name == "gateway_code") fault.code = value;
  }
  return fault;
}

/// Whether it waits for what it was given to be confirmed, and will not be: the gateway would not, or it is too late.
bool is_left_alone(Done const& done) {
  using enum Intent::Status;
  bool const waits = done.payment.status == requires_payment_method || done.payment.status == requires_confirmation;
  return waits && (done.outcome == Attempt::Outcome::refused || done.outcome == Attempt::Outcome::abandoned);
}

}  // namespace

Task<Settlement> OrderPayments::pay(Bill bill, PayWith with, std::optional<std::string> return_url) {
  std::optional<Payment> payment;
  bool fresh = false;
  for (int tries = 0; !payment && tries < recovery::most_tries; ++tries) {
    payment = co_await ground_.store.find_by_order({bill.order});
    if (payment) break;
    auto begun = begin(bill, with, return_url);
    if (co_await insert(
            {PaymentStore::insert(begun), PaymentStore::insert(*begun.open, begun.id, ground_.attempts.retry_at())})) {
      payment = std::move(begun);
      fresh = true;
    }
  }
  if (!payment) throw overloaded("The order's payment changes all the time", "O pagamento do pedido muda o tempo todo");
  if (!fresh && ground_.attempts.is_under_way(*payment)) co_return co_await settlement(std::move(*payment));

  std::optional<PaymentFault> refused;
  std::optional<Done> done;
  try {
    done = co_await ground_.attempts.see_through(std::move(*payment), fresh, std::nullopt);
  } catch (Problem const& problem) {
    refused = refusal_in(problem);
    if (!refused) throw;
  }
  if (refused) {
    auto settled = co_await find({bill.order});
    settled.refused = std::move(refused);
    co_return settled;
  }
  bool const left_alone = is_left_alone(*done);
  auto settled = co_await settlement(std::move(done->payment));
  if (left_alone) settled.refused = PaymentFault{"not_confirmed", "", "The gateway would not confirm the payment."};
  co_return settled;
}

Payment OrderPayments::begin(Bill const& bill, PayWith with, std::optional<std::string> return_url) const {
  auto wanted = wanted_for(bill);
  wanted.pay_with = std::move(with);
  wanted.confirm = true;
  wanted.return_url = std::move(return_url);
  auto const now = ground_.clock.now();
  auto payment = new_payment({bill.owner}, wanted, now);
  payment.open = Attempt{.id = Id<Attempt>::make(now),
                         .kind = Attempt::Kind::create,
                         .parameters = creation(wanted, std::nullopt),
                         .created_at = now};
  return payment;
}

/// False where another was quicker.
Task<bool> OrderPayments::insert(std::vector<db::Call> calls) {
  try {
    co_await ground_.store.apply(std::move(calls));
  } catch (db::Error const&) {
    co_return false;
  }
  co_return true;
}

Task<Settlement> OrderPayments::find(Id<Order> order) {
  auto payment = co_await ground_.store.find_by_order(order);
  if (!payment) co_return Settlement{};
  co_return co_await settlement(std::move(*payment));
}

Task<Settlement> OrderPayments::settlement(Payment payment) {
  contracts::PaymentOfOrder shown{
      .id = payment.id.uuid,
      .status = std::string(status_of(payment)),
      .amount_captured = payment.amount_captured,
      .amount_refunded = payment.amount_refunded,
      .refund_pending = payment.amount_refunded > 0 && co_await ground_.refund_store.has_pending(payment.id),
      .decline = std::nullopt};
  if (payment.decline) {
    shown.decline = PaymentFault{payment.decline->code, payment.decline->decline_code, payment.decline->message};
  }
  co_return Settlement{std::move(shown), std::nullopt};
}

Task<Settlement> OrderPayments::call_off(Bill bill) {
  Id<Order> const order{bill.order};
  auto payment = co_await ground_.store.find_by_order(order);
  if (!payment) {
    auto never = new_payment({bill.owner}, wanted_for(bill), ground_.clock.now());
    never.status = Intent::Status::canceled;
    if (co_await insert({PaymentStore::insert(never)})) co_return co_await settlement(std::move(never));
    payment = co_await ground_.store.find_by_order(order);
  }
  if (!payment || payment->is_final()) co_return co_await find(order);
  std::string why;
  try {
    co_await ground_.payments.cancel({payment->owner, true}, payment->id, std::nullopt);
  } catch (Problem const& problem) {
    why = problem.what();  // it has been paid meanwhile, or nobody knows: its state says which
  }
  if (!why.empty()) log::info("an order is not called off yet", {{"order", order.str()}, {"cause", why}});
  co_return co_await find(order);
}

Task<Settlement> OrderPayments::refund(Id<Order> order, Id<Refund> refund) {
  auto const payment = co_await ground_.store.find_by_order(order);
  if (!payment) co_return Settlement{};
  std::optional<PaymentFault> refused;
  if (payment->status == Intent::Status::succeeded) {
    try {
      co_await ground_.refunds.give_back(*payment, refund);
    } catch (Problem const& problem) {
      refused = refusal_in(problem);
      if (!refused) throw;
    }
  }
  auto settled = co_await find(order);
  settled.refused = std::move(refused);
  co_return settled;
}

}  // namespace balcao::payments
