#include "payments/payment/payments.hpp"

#include "payments/gateway/refusal.hpp"
#include "payments/payment/parameters.hpp"
#include "payments/payment/words.hpp"
#include "platform/runtime/recovery.hpp"

namespace balcao::payments {
namespace {

Problem no_such_payment() {
  return Problem(balcao::problems::not_found, {"There is no such payment.", "Não existe este pagamento."});
}

Problem busy() {
  return Problem(problems::payment_busy, {"Ask again in a second.", "Tente de novo em um segundo."})
      .with_header("Retry-After", "1");
}

/// Whether the payment's state allows it; what the gateway would refuse is refused before it is asked.
void require_state(Payment const& payment, Attempt::Kind kind, json::Object const& parameters) {
  using enum Intent::Status;
  switch (kind) {
    case Attempt::Kind::confirm:
      if (payment.status == requires_confirmation) return;
      if (payment.status != requires_payment_method || !payment.gateway_id) throw unexpected_state(payment);
      if (text_in(parameters, "payment_method")) return;
      throw invalid_field("/payment_method", {"is needed: the payment has none (any more)",
                                              "é necessário: o pagamento não tem nenhum (ou não tem mais)"});
    case Attempt::Kind::capture:
      if (payment.status != requires_capture) throw unexpected_state(payment);
      if (auto const amount = number_in(parameters, "amount"); amount && *amount > payment.amount) {
        throw invalid_field("/amount", {"is more than was authorised: " + std::to_string(payment.amount),
                                        "é mais do que foi autorizado: " + std::to_string(payment.amount)});
      }
      return;
    default:
      if (payment.is_final() || !payment.gateway_id) throw unexpected_state(payment);
  }
}

}  // namespace

Problem unexpected_state(Payment const& payment) {
  auto const status = std::string(status_words.word(payment.status));
  return Problem(problems::payment_unexpected_state,
                 {"The payment is " + status + ".", "O pagamento está " + status + "."})
      .with_member("payment_status", status);
}

Task<KeptAnswer> Payments::create(Actor actor, NewPayment wanted, KeyedRequest request) {
  auto const mark = ground_.keys.mark(request);
  auto const customer = co_await ground_.clients.customer_of(actor, wanted.client);
  auto const now = ground_.clock.now();
  auto payment = new_payment(actor.id, wanted, now);
  payment.open = Attempt{.id = Id<Attempt>::make(now),
                         .kind = Attempt::Kind::create,
                         .parameters = creation(wanted, customer),
                         .created_at = now};
  auto known = co_await ground_.keys.begin(
      request, payment.id.uuid,
      {PaymentStore::insert(payment), PaymentStore::insert(*payment.open, payment.id, ground_.attempts.retry_at())});
  if (known) co_return co_await go_on(std::move(*known), std::move(request), 201);
  auto const done = co_await ground_.attempts.see_through(std::move(payment), true, Keeping{request, 201});
  co_return Attempts::answer(done, 201);
}

/// The answer of a key that is known; what is not settled yet is gone on with.
Task<KeptAnswer> Payments::go_on(KnownKey known, KeyedRequest request, int success) {
  if (known.answer) co_return std::move(*known.answer);
  auto payment = co_await ground_.store.find({known.thing});
  if (!payment) throw busy();  // the gateway has just refused it
  auto const done = co_await ground_.attempts.see_through(std::move(*payment), false, Keeping{request, success});
  auto answer = Attempts::answer(done, success);
  if (done.outcome) co_await ground_.store.apply({ground_.keys.keep(request, answer)});
  co_return answer;
}

Task<KeptAnswer> Payments::confirm(Actor actor, Id<Payment> id, std::optional<std::string> payment_method,
                                   std::optional<std::string> return_url, std::optional<KeyedRequest> request) {
  return change(actor, id, Attempt::Kind::confirm, confirmation(payment_method, return_url), std::move(request));
}

Task<KeptAnswer> Payments::capture(Actor actor, Id<Payment> id, std::optional<std::int64_t> amount,
                                   std::optional<KeyedRequest> request) {
  return change(actor, id, Attempt::Kind::capture, capturing(amount), std::move(request));
}

/// Where it is paid on a page of the gateway's, that page has to be closed, and takes the intent with it.
Task<KeptAnswer> Payments::cancel(Actor actor, Id<Payment> id, std::optional<KeyedRequest> request) {
  auto payment = co_await find(actor, id);
  if (!payment.is_final() && co_await ground_.checkouts.cancel(payment)) {
    co_return Attempts::answer({co_await find(actor, id), Attempt::Outcome::done}, 200);
  }
  co_return co_await change(actor, id, Attempt::Kind::cancel, {}, std::move(request));
}

Task<KeptAnswer> Payments::change(Actor actor, Id<Payment> id, Attempt::Kind kind, json::Object parameters,
                                  std::optional<KeyedRequest> request) {
  constexpr int success = 200;
  std::optional<IdempotencyKeys::Mark> mark;
  if (request) {
    mark.emplace(ground_.keys.mark(*request));
    if (auto known = co_await ground_.keys.recall(*request)) {
      co_return co_await go_on(std::move(*known), *request, success);
    }
  }
  auto payment = co_await asked(co_await find(actor, id));
  if (kind == Attempt::Kind::cancel && payment.status == Intent::Status::canceled) {
    co_return Attempts::answer({payment, Attempt::Outcome::done}, success);
  }
  require_state(payment, kind, parameters);

  auto const now = ground_.clock.now();
  payment.open =
      Attempt{.id = Id<Attempt>::make(now), .kind = kind, .parameters = std::move(parameters), .created_at = now};
  std::vector<db::Call> calls;
  if (request) calls.push_back(ground_.keys.claim(*request, id.uuid));
  calls.push_back(PaymentStore::insert(*payment.open, id, ground_.attempts.retry_at()));
  bool taken = false;
  try {
    co_await ground_.store.apply(std::move(calls));
  } catch (db::Error const&) {
    taken = true;
  }
  if (taken) throw busy();  // another attempt was quicker
  auto keeping = request ? std::optional(Keeping{*request, success}) : std::nullopt;
  auto const done = co_await ground_.attempts.see_through(std::move(payment), true, std::move(keeping));
  co_return Attempts::answer(done, success);
}

/// As the gateway has it now: what is decided on an old state is refused there, or worse.
Task<Payment> Payments::asked(Payment payment) {
  if (payment.is_final()) co_return payment;
  if (ground_.attempts.is_under_way(payment)) throw busy();
  bool away = false;
  try {
    payment = co_await ground_.attempts.refresh(std::move(payment));
  } catch (GatewayUnknown const&) {
    away = true;
  }
  if (away) throw gateway_away();
  if (payment.open) throw busy();
  co_return payment;
}

Task<Payment> Payments::find(Actor actor, Id<Payment> id) {
  auto payment = co_await ground_.store.find(id);
  if (!payment || (!actor.administrator && payment->owner != actor.id)) throw no_such_payment();
  co_return std::move(*payment);
}

Task<std::vector<Payment>> Payments::list(Actor actor, std::optional<Id<Client>> client, std::size_t limit,
                                          std::optional<Id<Payment>> after) {
  auto const owner = actor.administrator ? std::nullopt : std::optional(actor.id);
  co_return co_await ground_.store.list({owner, client, limit, after});
}

Task<> Payments::recover() { return look_after(ground_.store.unsettled()); }

Task<> Payments::check() { return look_after(ground_.store.unheard()); }

Task<> Payments::look_after(jobs::DueRows& due) {
  co_await due.process(ground_.clock, recovery::lease, recovery::most_at_once,
                       jobs::each<Payment>("payment", [this](Id<Payment> id) { return look_after(id); }));
}

Task<> Payments::look_after(Id<Payment> id) {
  if (auto payment = co_await ground_.store.find(id)) co_await ground_.attempts.refresh(std::move(*payment));
}

Task<bool> Payments::refresh(std::string intent_id) {
  auto known = co_await ground_.store.find_by_gateway_id(intent_id);
  if (known && ground_.attempts.is_under_way(*known)) co_return false;
  if (known) {
    co_await ground_.attempts.refresh(std::move(*known));
  } else {
    co_await ground_.attempts.adopt_unknown(std::move(intent_id));
  }
  co_return true;
}

}  // namespace balcao::payments
