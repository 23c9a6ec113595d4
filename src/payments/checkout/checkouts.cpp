#include "payments/checkout/checkouts.hpp"

#include <algorithm>

#include "payments/gateway/refusal.hpp"
#include "payments/payment/json.hpp"
#include "payments/payment/payments.hpp"
#include "platform/json/parse.hpp"
#include "platform/runtime/recovery.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::payments {
namespace {

KeptAnswer answer(Checkout const& checkout) { return {checkout.gateway_id ? 201 : 202, to_json(checkout)}; }

Checkout::Status status_told(GatewayCheckout const& told) {
  if (told.status == "complete") return Checkout::Status::complete;
  return told.status == "expired" ? Checkout::Status::expired : Checkout::Status::open;
}

Problem paid_meanwhile() {
  return Problem(problems::payment_unexpected_state,
                 {"It has been paid on the gateway's page.", "Ele já foi pago na página do gateway."});
}

Problem no_such_order() {
  return Problem(balcao::problems::invalid_fields)
      .with_faults({{"/order_id", {"there is no such order", "não existe este pedido"}}});
}

Problem not_payable() {
  return Problem(problems::order_not_payable,
                 {"It is paid, over, or was given a payment method when it was made.",
                  "Ele está pago, encerrado, ou recebeu uma forma de pagamento ao ser criado."});
}

/// For which the gateway lets a page be open. It asks for 30 minutes at least from when the request arrives, which may
/// take a moment.
constexpr std::chrono::minutes shortest_life{31};
constexpr std::chrono::hours longest_life{24};

Checkout new_checkout(Payment const& payment, NewCheckoutPage const& wanted, Time now) {
  return {.id = Id<Checkout>::make(now),
          .payment = payment.id,
          .success_url = wanted.success_url,
          .cancel_url = wanted.cancel_url,
          .retry_at = now + recovery::head_start,
          .expires_at = now + std::clamp<std::chrono::seconds>(wanted.life, shortest_life, longest_life),
          .created_at = now};
}

}  // namespace

Task<KeptAnswer> Checkouts::create(Actor actor, NewCheckoutPage wanted, KeyedRequest request) {
  auto const mark = ground_.keys.mark(request);
  auto const now = ground_.clock.now();
  co_await ground_.clients.customer_of(actor, wanted.payment.client);
  auto const payment = new_payment(actor.id, wanted.payment, now);
  co_return co_await make(payment, new_checkout(payment, wanted, now), std::move(request));
}

Task<KeptAnswer> Checkouts::create_for_order(Actor actor, OrderPage wanted, KeyedRequest request) {
  auto const mark = ground_.keys.mark(request);
  if (auto known = co_await ground_.keys.recall(request)) co_return co_await go_on(std::move(*known), request);
  auto const order = co_await ground_.products().order_to_pay(wanted.order.uuid, actor.id.uuid);
  if (!order) throw no_such_order();
  if (auto paid = co_await ground_.payment_store.find_by_order(wanted.order)) {
    co_return co_await page_of(std::move(*paid), std::move(request));
  }
  if (!order->payable) throw not_payable();

  auto const now = ground_.clock.now();
  co_await ground_.clients.customer_of(actor, wanted.client);
  auto const left = std::chrono::duration_cast<std::chrono::seconds>(order->expires_at - now);
  NewCheckoutPage const page{{.amount = order->amount,
                              .currency = order->currency,
                              .client = wanted.client,
                              .order = wanted.order,
                              .description = order->description},
                             wanted.success_url,
                             wanted.cancel_url,
                             left};
  auto const payment = new_payment(actor.id, page.payment, now);
  std::exception_ptr failure;
  try {
    co_return co_await make(payment, new_checkout(payment, page, now), request);
  } catch (db::Error const&) {
    failure = std::current_exception();
  }
  auto quicker = co_await ground_.payment_store.find_by_order(wanted.order);
  if (!quicker) std::rethrow_exception(failure);
  co_return co_await page_of(std::move(*quicker), std::move(request));
}

/// The page that is there already, if it is still to be paid on.
Task<KeptAnswer> Checkouts::page_of(Payment payment, KeyedRequest request) {
  if (payment.is_final()) throw not_payable();
  auto checkout = co_await ground_.store.find_by_payment(payment.id);
  if (!checkout || !checkout->gateway_id || checkout->status != Checkout::Status::open) {
    throw Problem(problems::order_being_paid).with_member("payment_id", payment.id.str());
  }
  if (auto known = co_await ground_.keys.begin(request, checkout->id.uuid, {})) {
    co_return co_await go_on(std::move(*known), std::move(request));
  }
  co_return answer(co_await see_through(std::move(*checkout), false, std::move(request)));
}

Task<KeptAnswer> Checkouts::make(Payment payment, Checkout checkout, KeyedRequest request) {
  auto known = co_await ground_.keys.begin(request, checkout.id.uuid,
                                           {PaymentStore::insert(payment), CheckoutStore::insert(checkout)});
  if (known) co_return co_await go_on(std::move(*known), std::move(request));
  co_return answer(co_await see_through(std::move(checkout), true, std::move(request)));
}

/// The answer of a key that is known; what is not settled yet is gone on with.
Task<KeptAnswer> Checkouts::go_on(KnownKey known, KeyedRequest request) {
  if (known.answer) co_return std::move(*known.answer);
  auto begun = co_await ground_.store.find({known.thing});
  if (!begun) throw gateway_away();  // it has just been refused
  co_return answer(co_await see_through(std::move(*begun), false, std::move(request)));
}

Task<Checkout> Checkouts::see_through(Checkout checkout, bool fresh, std::optional<KeyedRequest> request) {
  if (checkout.gateway_id) co_return co_await settle(std::move(checkout), std::nullopt, std::move(request));
  std::optional<GatewayCheckout> told;
  std::optional<Problem> refused;
  bool known = true;
  try {
    told = co_await ask(checkout, fresh);
  } catch (GatewayUnknown const& unknown) {
    known = false;
    if (fresh && unknown.executed() == GatewayUnknown::Executed::no) refused = gateway_away();
    log::warn("a checkout's outcome is not known yet", {{"checkout", checkout.id.str()}, {"cause", unknown.what()}});
  } catch (GatewayRefused const& fault) {
    if (!fresh && fault.reason() == GatewayRefused::Reason::key) throw;
    refused = payments::refusal(fault);
  }
  if (refused) {
    co_await undo(checkout);
    throw std::move(*refused);
  }
  if (!known) co_return checkout;
  co_return co_await settle(std::move(checkout), std::move(told), std::move(request));
}

/// Made again with the same key it is the same page; but a gateway that has failed after making it keeps that failure
/// with the key, so it is looked for first. Nothing where it was never made, and it is too late to make it.
Task<std::optional<GatewayCheckout>> Checkouts::ask(Checkout checkout, bool fresh) {
  auto const payment = (co_await ground_.payment_store.find(checkout.payment)).value();
  if (!fresh) {
    if (auto found = co_await ground_.gateway.find_checkout_of(payment.id.str(), checkout.created_at)) co_return found;
    if (checkout.created_at + key_life < ground_.clock.now()) co_return std::nullopt;
  }
  auto const customer = co_await ground_.clients.gateway_id_of(payment.client);
  co_return co_await ground_.gateway.create_checkout({.amount = payment.amount,
                                                      .currency = payment.currency,
                                                      .name = payment.description.value_or("Total"),
                                                      .payment_id = payment.id.str(),
                                                      .manual_capture = payment.capture == Payment::Capture::manual,
                                                      .customer = customer,
                                                      .success_url = checkout.success_url,
                                                      .cancel_url = checkout.cancel_url,
                                                      .expires_at = checkout.expires_at},
                                                     "co-" + checkout.payment.str());
}

/// As if it had never been: the gateway would not make it.
Task<> Checkouts::undo(Checkout checkout) {
  std::vector<db::Call> calls{ground_.keys.forget(checkout.id.uuid), CheckoutStore::remove(checkout.id)};
  std::ranges::move(PaymentStore::remove(checkout.payment), std::back_inserter(calls));
  co_await ground_.database.batch(std::move(calls));
}

Task<Checkout> Checkouts::settle(Checkout checkout, std::optional<GatewayCheckout> told,
                                 std::optional<KeyedRequest> request) {
  for (int tries = 1;; ++tries) {
    bool const made = !checkout.gateway_id;
    auto changed = checkout;
    if (told) {
      changed.gateway_id = told->id;
      changed.status = status_told(*told);
      changed.url = told->url.empty() ? std::nullopt : std::optional(told->url);
    } else if (made) {
      changed.status = Checkout::Status::expired;
    }
    changed.retry_at.reset();
    std::vector<db::Call> calls{CheckoutStore::update(changed)};
    if (made && told) {
      auto const payment = (co_await ground_.payment_store.find(checkout.payment)).value();
      auto body = json::parse(to_json(payment)).value().as_object();
      std::ranges::move(ground_.messages.calls({payment.owner, std::string(message_types::payment_created),
                                                std::move(body), payment.order}),
                        std::back_inserter(calls));
    }
    if (request) calls.push_back(ground_.keys.keep(*request, answer(changed)));
    bool done = true;
    try {
      co_await ground_.database.batch(std::move(calls));
    } catch (db::Error const&) {
      if (tries == recovery::most_tries) throw;
      done = false;
    }
    if (done) {
      ++changed.version;
      co_return changed;
    }
    checkout = (co_await ground_.store.find(checkout.id)).value();
  }
}

Task<Checkout> Checkouts::find(Actor actor, Id<Checkout> id) {
  auto checkout = co_await ground_.store.find(id);
  auto const payment = checkout ? co_await ground_.payment_store.find(checkout->payment) : std::nullopt;
  if (!payment || (!actor.administrator && payment->owner != actor.id)) {
    throw Problem(balcao::problems::not_found, {"There is no such checkout.", "Não existe este checkout."});
  }
  co_return std::move(*checkout);
}

Task<bool> Checkouts::cancel(Payment payment) {
  auto checkout = co_await ground_.store.find_by_payment(payment.id);
  if (!checkout || checkout->status != Checkout::Status::open) co_return false;
  bool away = !checkout->gateway_id;
  if (!away) {
    try {
      co_await ground_.gateway.expire_checkout(*checkout->gateway_id, "ce-" + checkout->id.str());
      co_await refresh(*checkout->gateway_id);
    } catch (GatewayUnknown const&) {
      away = true;
    }
  }
  if (away) throw gateway_away();
  checkout = co_await ground_.store.find(checkout->id);
  if (checkout->status != Checkout::Status::expired) throw paid_meanwhile();
  co_return true;
}

Task<> Checkouts::refresh(std::string gateway_id) {
  auto told = co_await ground_.gateway.find_checkout(gateway_id);
  if (!told) co_return;
  auto checkout = co_await ground_.store.find_by_gateway_id(gateway_id);
  if (!checkout) {
    auto const payment = Id<Payment>::parse(told->payment_id);
    checkout = payment ? co_await ground_.store.find_by_payment(*payment) : std::nullopt;
  }
  if (!checkout) co_return;
  // What is over does not open again, whatever an older answer says.
  if (checkout->status == Checkout::Status::open) *checkout = co_await settle(*checkout, told, std::nullopt);
  if (!told->intent.empty()) co_await ground_.attempts.adopt_unknown(told->intent);
  if (checkout->status == Checkout::Status::expired) co_await ground_.attempts.give_up(checkout->payment);
}

Task<> Checkouts::recover() {
  co_await ground_.store.unsettled().process(
      ground_.clock, recovery::lease, recovery::most_at_once,
      jobs::each<Checkout>("checkout", [this](Id<Checkout> id) { return look_after(id); }));
}

Task<> Checkouts::look_after(Id<Checkout> id) {
  auto checkout = co_await ground_.store.find(id);
  if (!checkout) co_return;
  auto const settled = co_await see_through(std::move(*checkout), false, std::nullopt);
  if (settled.status == Checkout::Status::expired) co_await ground_.attempts.give_up(settled.payment);
}

}  // namespace balcao::payments
