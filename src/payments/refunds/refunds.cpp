#include "payments/refunds/refunds.hpp"

#include <algorithm>

#include "payments/gateway/refusal.hpp"
#include "payments/payment/words.hpp"
#include "platform/json/parse.hpp"
#include "platform/runtime/recovery.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::payments {
namespace {

Problem too_large(std::int64_t left) {
  auto const amount = std::to_string(left);
  return Problem(problems::refund_too_large, {amount + " is left to refund.", "Restam " + amount + " para estornar."});
}

Message message(Refund const& refund, std::string_view type) {
  return {refund.owner, std::string(type), json::parse(to_json(refund)).value().as_object(), refund.order};
}

void append(std::vector<db::Call>& calls, std::vector<db::Call> more) {
  std::ranges::move(more, std::back_inserter(calls));
}

}  // namespace

Task<KeptAnswer> Refunds::create(Actor actor, Id<Payment> id, std::optional<std::int64_t> amount,
                                 std::optional<std::string> reason, KeyedRequest request) {
  auto const mark = ground_.keys.mark(request);
  auto const payment = co_await ground_.payments.find(actor, id);
  if (payment.order && !actor.administrator) {
    throw Problem(balcao::problems::forbidden,
                  {"An order's payment is given back by canceling the order, which administrators do.",
                   "O pagamento de um pedido é estornado ao cancelar o pedido, o que cabe a administradores."});
  }
  auto known = co_await ground_.keys.recall(request);
  if (!known) {
    auto const left = payment.amount_captured - payment.amount_refunded;
    if (payment.status != Intent::Status::succeeded) throw unexpected_state(payment);
    auto const wanted = amount.value_or(left);
    if (wanted > left || left == 0) throw too_large(left);

    auto refund = drawn_up(Id<Refund>::make(ground_.clock.now()), payment, wanted);
    refund.reason = std::move(reason);
    known = co_await ground_.keys.begin(
        request, refund.id.uuid,
        {RefundStore::insert(refund), PaymentStore::add_refunded(id, wanted, refund.created_at)});
    if (!known) co_return answer(co_await see_through(std::move(refund), true, request));
  }
  if (known->answer) co_return std::move(*known->answer);
  auto refund = co_await ground_.store.find({known->thing});
  if (!refund) throw gateway_away();  // it has just been refused
  auto const settled = co_await see_through(std::move(*refund), false, request);
  auto kept = answer(settled);
  if (settled.status) {
    std::vector<db::Call> calls{ground_.keys.keep(request, kept)};
    co_await ground_.database.batch(std::move(calls));
  }
  co_return kept;
}

Refund Refunds::drawn_up(Id<Refund> id, Payment const& payment, std::int64_t amount) const {
  auto const now = ground_.clock.now();
  return {.id = id,
          .payment = payment.id,
          .owner = payment.owner,
          .order = payment.order,
          .amount = amount,
          .currency = payment.currency,
          .retry_at = now + recovery::head_start,
          .created_at = now,
          .updated_at = now};
}

Task<> Refunds::give_back(Payment payment, Id<Refund> id) {
  auto refund = co_await ground_.store.find(id);
  bool fresh = false;
  if (!refund) {
    auto const left = payment.amount_captured - payment.amount_refunded;
    if (left == 0) co_return;
    refund = drawn_up(id, payment, left);
    std::vector<db::Call> calls{RefundStore::insert(*refund),
                                PaymentStore::add_refunded(payment.id, left, refund->created_at)};
    std::exception_ptr failure;
    try {
      co_await ground_.database.batch(std::move(calls));
      fresh = true;
    } catch (db::Error const&) {
      failure = std::current_exception();
    }
    if (failure) {  // the same was asked at the same time, or a refund of another's has come between
      refund = co_await ground_.store.find(id);
      if (!refund) std::rethrow_exception(failure);
    }
  }
  co_await see_through(std::move(*refund), fresh, std::nullopt);
}

KeptAnswer Refunds::answer(Refund const& refund) const { return {refund.status ? 201 : 202, to_json(refund)}; }

Task<Refund> Refunds::see_through(Refund refund, bool fresh, std::optional<KeyedRequest> request) {
  if (refund.status) co_return refund;
  std::optional<GatewayRefund> told;
  std::optional<GatewayRefused> refused;
  bool executed = true;
  try {
    told = co_await ask(refund, fresh);
  } catch (GatewayUnknown const& unknown) {
    executed = !fresh || unknown.executed() != GatewayUnknown::Executed::no;
    log::warn("a refund's outcome is not known yet", {{"refund", refund.id.str()}, {"cause", unknown.what()}});
  } catch (GatewayRefused const& fault) {
    refused = fault;
  }
  if (told) co_return co_await settle(std::move(refund), std::move(*told), std::move(request));
  if (refused && (fresh || refused->reason() == GatewayRefused::Reason::request)) {
    co_await undo(refund, std::move(request));
    throw payments::refusal(*refused).with_member("payment_id", refund.payment.str());
  }
  if (!executed) {
    co_await undo(refund, std::move(request));
    throw gateway_away();
  }
  auto const wait = recovery::wait_after(refund.tries);
  co_await ground_.store.retry_at(refund.id, ground_.clock.now() + wait);
  co_return refund;
}

/// Made again with the same key it is the same one; but a gateway that has failed after making it keeps that failure
/// with the key, so it is looked for first.
Task<GatewayRefund> Refunds::ask(Refund refund, bool fresh) {
  auto const payment = co_await ground_.payment_store.find(refund.payment);
  auto const intent = payment.value().gateway_id.value();
  if (!fresh) {
    if (auto found = co_await ground_.gateway.find_refund_of(intent, refund.id.str())) co_return std::move(*found);
    if (refund.created_at + key_life < ground_.clock.now()) {
      throw GatewayRefused(GatewayRefused::Reason::request,
                           {.code = "abandoned", .message = "The refund was never made."});
    }
  }
  co_return co_await ground_.gateway.create_refund({intent, refund.amount, refund.reason, refund.id.str()},
                                                   "re-" + refund.id.str());
}

/// As if it had never been: the gateway would not make it.
Task<> Refunds::undo(Refund refund, std::optional<KeyedRequest> request) {
  std::vector<db::Call> calls{RefundStore::remove(refund.id),
                              PaymentStore::add_refunded(refund.payment, -refund.amount, ground_.clock.now())};
  if (request) calls.push_back(ground_.keys.forget(*request));
  co_await ground_.database.batch(std::move(calls));
}

/// The same refund may be told of by its answer and by an event at the same time: then all is read and decided again.
Task<Refund> Refunds::settle(Refund refund, GatewayRefund told, std::optional<KeyedRequest> request) {
  for (int tries = 1;; ++tries) {
    auto const now = ground_.clock.now();
    bool const made = !refund.status;
    auto change = take_over(refund, told, now);
    if (!change.changed) co_return refund;
    std::vector<db::Call> calls{RefundStore::update(change.refund)};
    if (change.given_back > 0) calls.push_back(PaymentStore::add_refunded(refund.payment, -change.given_back, now));
    append(calls, Ledger::entries(change.transfers, now));
    auto const type = made ? message_types::refund_created : message_types::refund_updated;
    append(calls, ground_.messages.calls(message(change.refund, type)));
    if (request) calls.push_back(ground_.keys.keep(*request, answer(change.refund)));
    bool done = true;
    try {
      co_await ground_.database.batch(std::move(calls));
    } catch (db::Error const&) {
      if (tries == recovery::most_tries) throw;
      done = false;
    }
    if (done) {
      ground_.messages.wake(refund.order);
      ++change.refund.version;
      co_return std::move(change.refund);
    }
    auto current = co_await ground_.store.find(refund.id);
    if (!current) throw gateway_away();
    refund = std::move(*current);
  }
}

Task<std::vector<Refund>> Refunds::list(Actor actor, Id<Payment> payment, std::size_t limit,
                                        std::optional<Id<Refund>> after) {
  co_await ground_.payments.find(actor, payment);
  co_return co_await ground_.store.list(payment, limit, after);
}

Task<Refund> Refunds::find(Actor actor, Id<Payment> payment, Id<Refund> id) {
  co_await ground_.payments.find(actor, payment);
  auto refund = co_await ground_.store.find(id);
  if (!refund || refund->payment != payment) {
    throw Problem(balcao::problems::not_found, {"There is no such refund.", "Não existe este estorno."});
  }
  co_return std::move(*refund);
}

Task<> Refunds::refresh(std::string gateway_id) {
  auto told = co_await ground_.gateway.find_refund(gateway_id);
  if (!told) co_return;
  auto known = co_await ground_.store.find_by_gateway_id(gateway_id);
  if (!known) {
    if (auto const id = Id<Refund>::parse(told->refund_id)) known = co_await ground_.store.find(*id);
  }
  if (known) {
    co_await settle(std::move(*known), std::move(*told), std::nullopt);
  } else {
    co_await adopt(std::move(*told));
  }
}

/// A refund that was made in the gateway's dashboard.
Task<> Refunds::adopt(GatewayRefund told) {
  auto const payment = co_await ground_.payment_store.find_by_gateway_id(told.intent);
  if (!payment) co_return;
  auto const now = ground_.clock.now();
  Refund const refund{.id = Id<Refund>::make(now),
                      .payment = payment->id,
                      .owner = payment->owner,
                      .order = payment->order,
                      .amount = told.amount,
                      .currency = payment->currency,
                      .created_at = now,
                      .updated_at = now};
  auto change = take_over(refund, told, now);
  std::vector<db::Call> calls{RefundStore::insert(change.refund)};
  auto const reserved = refund.amount - change.given_back;
  if (reserved > 0) calls.push_back(PaymentStore::add_refunded(payment->id, reserved, now));
  append(calls, Ledger::entries(change.transfers, now));
  append(calls, ground_.messages.calls(message(change.refund, message_types::refund_created)));
  bool inserted = true;
  try {
    co_await ground_.database.batch(std::move(calls));
  } catch (db::Error const&) {
    inserted = false;
  }
  // Another event of the same refund was quicker, or refunds of ours that the gateway will refuse are reserved.
  if (!inserted && !co_await ground_.store.find_by_gateway_id(told.id)) {
    throw std::runtime_error("the refund " + told.id + " of the gateway is more than is left here");
  }
}

Task<> Refunds::recover() {
  co_await ground_.store.unsettled().process(
      ground_.clock, recovery::lease, recovery::most_at_once,
      jobs::each<Refund>("refund", [this](Id<Refund> id) { return look_after(id); }));
}

Task<> Refunds::look_after(Id<Refund> id) {
  if (auto refund = co_await ground_.store.find(id)) co_await see_through(std::move(*refund), false, std::nullopt);
}

}  // namespace balcao::payments
