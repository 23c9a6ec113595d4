#include "payments/payment/attempts.hpp"

#include "payments/gateway/refusal.hpp"
#include "payments/payment/json.hpp"
#include "payments/payment/parameters.hpp"
#include "platform/json/parse.hpp"
#include "platform/runtime/recovery.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::payments {
namespace {

std::string key_of(Payment const& payment) {
  switch (payment.open->kind) {
    case Attempt::Kind::create:
      return "pi-" + payment.id.str();
    case Attempt::Kind::confirm:
      return "cf-" + payment.open->id.str();
    case Attempt::Kind::capture:
      return "cp-" + payment.open->id.str();
    case Attempt::Kind::cancel:
      break;
  }
  return "cn-" + payment.open->id.str();
}

bool is_final(Intent const& intent) {
  return intent.status == Intent::Status::succeeded || intent.status == Intent::Status::canceled;
}

/// Whether the intent is still as the operation found it, so that the operation may not have happened. A decline that
/// the payment has not had before is this one's.
bool may_be_untouched(Attempt::Kind kind, Payment const& payment, Intent const& intent) {
  using enum Intent::Status;
  switch (kind) {
    case Attempt::Kind::capture:
      return intent.status == requires_capture;
    case Attempt::Kind::cancel:
      return !is_final(intent);
    default:
      if (intent.last_error && !payment.decline) return false;
      return intent.status == requires_payment_method || intent.status == requires_confirmation;
  }
}

Message message(Payment const& payment, std::string type) {
  return {payment.owner, std::move(type), json::parse(to_json(payment)).value().as_object(), payment.order};
}

/// That it was made is no news of its order.
Message made_known(Payment const& payment) {
  auto made = message(payment, "payment.created");
  made.order.reset();
  return made;
}

}  // namespace

Time Attempts::retry_at() const { return clock_.now() + recovery::head_start; }

KeptAnswer Attempts::answer(Done const& done, int success) {
  int status = success;
  if (!done.outcome) status = 202;
  if (done.outcome == Attempt::Outcome::declined) status = 402;
  return {status, to_json(done.payment)};
}

Task<Done> Attempts::see_through(Payment payment, bool fresh, std::optional<Keeping> keeping) {
  if (!payment.open) co_return co_await as_it_is(std::move(payment));
  Done done{std::move(payment), std::nullopt};
  while (done.payment.open) {
    auto asked = co_await ask(done.payment, fresh);
    if (auto const* unknown = std::get_if<Unknown>(&asked)) {
      co_await put_off(done.payment, fresh, *unknown);
      co_return done;
    }
    done = co_await settle(std::move(done.payment), std::get<Result>(std::move(asked)), keeping);
  }
  co_return done;
}

/// Recovery goes on with it, a little later each time. What has certainly not begun has never been.
Task<> Attempts::put_off(Payment const& payment, bool fresh, Unknown const& unknown) {
  auto const& attempt = *payment.open;
  if (fresh && !unknown.sent && attempt.kind == Attempt::Kind::create) {
    co_await remove(payment.id);
    throw gateway_away();
  }
  log::warn("a payment's outcome is not known yet",
            {{"payment", payment.id.str()}, {"step", to_string(attempt.kind)}, {"cause", unknown.why}});
  co_await store_.retry_at(attempt.id, clock_.now() + recovery::wait_after(attempt.tries));
}

Task<Done> Attempts::as_it_is(Payment payment) {
  if (payment.open) co_return Done{std::move(payment), std::nullopt};
  auto const attempts = co_await store_.attempts_of(payment.id);
  auto const outcome = attempts.empty() ? Attempt::Outcome::done : attempts.back().outcome;
  co_return Done{std::move(payment), outcome};
}

Task<std::variant<Attempts::Result, Attempts::Unknown>> Attempts::ask(Payment payment, bool fresh) {
  try {
    co_return co_await perform(std::move(payment), fresh);
  } catch (GatewayUnknown const& unknown) {
    co_return Unknown{unknown.what(), unknown.executed() != GatewayUnknown::Executed::no};
  }
}

Task<Attempts::Result> Attempts::perform(Payment payment, bool fresh) {
  try {
    if (payment.open->kind == Attempt::Kind::create) co_return co_await create(std::move(payment), fresh);
    co_return co_await change(std::move(payment), fresh);
  } catch (GatewayRefused const& refused) {
    if (!fresh && refused.reason() == GatewayRefused::Reason::key) throw GatewayUnknown(refused.what());
    co_return refused;
  }
}

/// The intent, unconfirmed: no money can move. Made again with the same key it is the same one; but a gateway that has
/// failed after making it keeps that failure with the key, and then the intent is to be found by whose it is.
Task<Attempts::Result> Attempts::create(Payment payment, bool fresh) {
  auto const& attempt = *payment.open;
  if (!fresh && attempt.created_at + key_life < clock_.now()) {
    auto found = co_await gateway_.find_intent_of(payment.id.str(), payment.created_at);
    if (found) co_return std::move(*found);
    co_return Abandoned{};
  }
  std::exception_ptr failure;
  try {
    co_return co_await gateway_.create_intent(intent_to_create(payment, attempt.parameters), key_of(payment));
  } catch (GatewayUnknown const&) {
    if (fresh) throw;
    failure = std::current_exception();
  }
  if (auto found = co_await gateway_.find_intent_of(payment.id.str(), payment.created_at)) co_return std::move(*found);
  std::rethrow_exception(failure);
}

/// Where it is not certain that nobody has asked yet, the intent says whether it has happened. The same key gives the
/// first outcome again, also one that is a decline.
Task<Attempts::Result> Attempts::change(Payment payment, bool fresh) {
  auto const& attempt = *payment.open;
  auto const& parameters = attempt.parameters;
  auto const id = payment.gateway_id.value();
  if (!fresh) {
    auto intent = co_await gateway_.find_intent(id);
    if (!intent) throw GatewayUnknown("the gateway does not know its own intent " + id);
    if (!may_be_untouched(attempt.kind, payment, *intent)) co_return std::move(*intent);
    if (attempt.created_at + key_life < clock_.now()) co_return Abandoned{std::move(*intent)};
  }
  auto key = key_of(payment);
  switch (attempt.kind) {
    case Attempt::Kind::capture:
      co_return co_await gateway_.capture_intent(id, number_in(parameters, "amount"), std::move(key));
    case Attempt::Kind::cancel:
      co_return co_await gateway_.cancel_intent(id, std::move(key));
    default:
      co_return co_await gateway_.confirm_intent(id, text_in(parameters, "payment_method"),
                                                 text_in(parameters, "return_url"), std::move(key));
  }
}

Task<Done> Attempts::settle(Payment payment, Result result, std::optional<Keeping> keeping) {
  if (auto const* refused = std::get_if<GatewayRefused>(&result)) {
    co_return co_await settle_refused(std::move(payment), *refused, std::move(keeping));
  }
  auto const* abandoned = std::get_if<Abandoned>(&result);
  auto outcome = abandoned ? Attempt::Outcome::abandoned : Attempt::Outcome::done;
  if (abandoned && !abandoned->intent) {
    payment.status = Intent::Status::canceled;
    payment.updated_at = clock_.now();
    std::vector<db::Call> calls{PaymentStore::settle(payment.open->id, outcome, std::nullopt, clock_.now()),
                                PaymentStore::update(payment)};
    payment.open.reset();
    std::ranges::move(messages_.calls(message(payment, "payment.canceled")), std::back_inserter(calls));
    co_await store_.apply(std::move(calls));
    messages_.wake(payment.order);
    co_return Done{std::move(payment), outcome};
  }
  auto intent = abandoned ? *abandoned->intent : std::get<Intent>(result);
  std::optional<std::string> code;
  if (!abandoned && payment.open->kind == Attempt::Kind::confirm && intent.last_error &&
      intent.status == Intent::Status::requires_payment_method) {
    outcome = Attempt::Outcome::declined;
    code = intent.last_error->code;
  }
  co_return co_await settle_with(std::move(payment), std::move(intent), outcome, std::move(code), std::move(keeping));
}

/// Someone else, a webhook say, may take over the same intent at the same time: then everything is read and decided
/// again, and the gateway asked once more, since our answer may be the older one.
Task<Done> Attempts::settle_with(Payment payment, Intent intent, Attempt::Outcome outcome,
                                 std::optional<std::string> code, std::optional<Keeping> keeping) {
  auto const attempt = payment.open->id;
  for (int tries = 1;; ++tries) {
    if (auto const wrong = contradiction(payment, intent)) {
      log::error("the gateway's intent contradicts the payment", {{"payment", payment.id.str()}, {"gateway", *wrong}});
      throw gateway_away();
    }
    auto const now = clock_.now();
    auto change = take_over(payment, intent, now);
    // What was wanted yesterday is not charged today.
    bool const in_time = payment.open->created_at + key_life >= now;
    auto follows = payment.open->kind == Attempt::Kind::create && outcome == Attempt::Outcome::done && in_time &&
                           may_be_untouched(Attempt::Kind::confirm, payment, intent)
                       ? confirmation_after(payment.open->parameters)
                       : std::nullopt;
    bool const made = payment.open->kind == Attempt::Kind::create;
    change.payment.open.reset();

    std::vector<db::Call> calls{PaymentStore::settle(attempt, outcome, code, now),
                                PaymentStore::update(change.payment)};
    auto const add = [&calls](std::vector<db::Call> more) { std::ranges::move(more, std::back_inserter(calls)); };
    add(Ledger::entries(change.transfers, now));
    if (made) add(messages_.calls(made_known(change.payment)));
    if (change.news) add(messages_.calls(message(change.payment, *change.news)));
    if (follows) {
      change.payment.open = Attempt{.id = Id<Attempt>::make(now),
                                    .kind = Attempt::Kind::confirm,
                                    .parameters = std::move(*follows),
                                    .created_at = now};
      calls.push_back(PaymentStore::insert(*change.payment.open, payment.id, retry_at()));
    } else if (keeping) {
      calls.push_back(keys_.keep(keeping->request, answer({change.payment, outcome}, keeping->success)));
    }
    if (auto applied = co_await try_apply(std::move(calls), std::move(change.payment), tries == recovery::most_tries)) {
      if (applied->open) co_return Done{std::move(*applied), std::nullopt};
      co_return Done{std::move(*applied), outcome};
    }
    auto current = co_await store_.find(payment.id);
    if (!current) throw gateway_away();
    bool const is_settled = !current->open || current->open->id != attempt;
    if (is_settled) co_return co_await as_it_is(std::move(*current));
    payment = std::move(*current);
    if (!is_final(intent)) intent = co_await ask_again(intent.id);
  }
}

/// Nothing has happened: the payment that the gateway would not make has never been, and any other is as it was.
Task<Done> Attempts::settle_refused(Payment payment, GatewayRefused refused, std::optional<Keeping> keeping) {
  auto const now = clock_.now();
  if (payment.open->kind == Attempt::Kind::create) {
    co_await remove(payment.id);
  } else {
    std::vector<db::Call> calls{PaymentStore::settle(payment.open->id, Attempt::Outcome::refused, refused.code(), now)};
    if (keeping) calls.push_back(keys_.forget(keeping->request));
    co_await store_.apply(std::move(calls));
  }
  throw refusal(refused).with_member("payment_id", payment.id.str());
}

Task<> Attempts::remove(Id<Payment> payment) {
  auto calls = PaymentStore::remove(payment);
  calls.push_back(keys_.forget(payment.uuid));
  co_await store_.apply(std::move(calls));
}

Task<Intent> Attempts::ask_again(std::string id) {
  auto intent = co_await gateway_.find_intent(id);
  if (!intent) throw GatewayUnknown("the gateway does not know its own intent " + id);
  co_return std::move(*intent);
}

Task<std::optional<Payment>> Attempts::try_apply(std::vector<db::Call> calls, Payment changed, bool last) {
  try {
    co_await store_.apply(std::move(calls));
  } catch (db::Error const&) {
    if (last) throw;
    co_return std::nullopt;
  }
  ++changed.version;
  messages_.wake(changed.order);
  co_return changed;
}

Task<Payment> Attempts::refresh(Payment payment) {
  if (payment.open) co_return (co_await see_through(std::move(payment), false, std::nullopt)).payment;
  if (!payment.gateway_id) co_return payment;
  co_return co_await adopt(payment, co_await ask_again(*payment.gateway_id));
}

Task<Payment> Attempts::adopt(Payment payment, Intent intent) {
  for (int tries = 1;; ++tries) {
    if (payment.open) co_return (co_await see_through(std::move(payment), false, std::nullopt)).payment;
    if (auto const wrong = contradiction(payment, intent)) {
      log::error("the gateway's intent contradicts the payment", {{"payment", payment.id.str()}, {"gateway", *wrong}});
      co_return payment;
    }
    auto const now = clock_.now();
    bool const was_final = payment.is_final();
    auto change = take_over(payment, intent, now);
    if (was_final && change.transfers.empty()) co_return payment;
    std::vector<db::Call> calls;
    if (!was_final) calls.push_back(PaymentStore::update(change.payment));
    std::ranges::move(Ledger::entries(change.transfers, now), std::back_inserter(calls));
    if (change.news) {
      std::ranges::move(messages_.calls(message(change.payment, *change.news)), std::back_inserter(calls));
    }
    if (calls.empty()) co_return payment;
    if (auto applied = co_await try_apply(std::move(calls), std::move(change.payment), tries == recovery::most_tries)) {
      co_return std::move(*applied);
    }
    auto current = co_await store_.find(payment.id);
    if (!current) co_return payment;
    payment = std::move(*current);
    if (!is_final(intent)) intent = co_await ask_again(intent.id);
  }
}

/// An intent says whose it is. Where that payment has none yet, its page at the gateway has made it, or the webhook was
/// quicker than our own answer.
Task<> Attempts::adopt_unknown(std::string intent_id) {
  auto intent = co_await gateway_.find_intent(intent_id);
  auto const id = intent ? Id<Payment>::parse(intent->payment_id) : std::nullopt;
  auto payment = id ? co_await store_.find(*id) : std::nullopt;
  if (payment) co_await adopt(std::move(*payment), std::move(*intent));
}

Task<> Attempts::give_up(Id<Payment> id) {
  for (int tries = 1;; ++tries) {
    auto payment = co_await store_.find(id);
    if (!payment || payment->is_final() || payment->open) co_return;
    if (payment->gateway_id) {
      co_await refresh(std::move(*payment));
      co_return;
    }
    payment->status = Intent::Status::canceled;
    payment->updated_at = clock_.now();
    std::vector<db::Call> calls{PaymentStore::update(*payment)};
    std::ranges::move(messages_.calls(message(*payment, "payment.canceled")), std::back_inserter(calls));
    if (co_await try_apply(std::move(calls), std::move(*payment), tries == recovery::most_tries)) co_return;
  }
}

bool Attempts::is_under_way(Payment const& payment) const {
  return payment.open && payment.open->tries == 0 && payment.open->created_at + recovery::head_start > clock_.now();
}

}  // namespace balcao::payments
