#include "sandbox/payment_intents/machine.hpp"

#include <array>

#include "sandbox/charges/charge.hpp"
#include "sandbox/disputes/dispute.hpp"
#include "sandbox/payment_intents/next_action.hpp"
#include "sandbox/payment_intents/schedule.hpp"
#include "sandbox/payment_methods/resource.hpp"

namespace balcao::sandbox::payment_intents {
namespace {

using payment_methods::Behaviour;

constexpr std::array<std::pair<std::string_view, Action>, 3> actions{
    {{"succeed", Action::succeed}, {"fail", Action::fail}, {"expire", Action::expire}}};

bool is_manual(Object const& intent) { return intent.text("capture_method") == "manual"; }

void become(Object& intent, std::string_view status) {
  intent["status"] = status;
  intent["next_action"] = nullptr;
}

/// The attempt is over, and another payment method is needed; `error` is what an answer would say.
void fail(Object& intent, Object const& method, ApiError const& error, Changes& changes) {
  auto said = error.body().as_object().at("error").as_object();
  said["payment_method"] = method.resource;
  become(intent, "requires_payment_method");
  intent["payment_method"] = nullptr;
  intent["last_payment_error"] = std::move(said);
  changes.tell("payment_intent.payment_failed", intent);
}

ApiError decline(Object& intent, Object const& method, payment_methods::TestCard const& card, Changes& changes,
                 Setting const& setting) {
  auto& charge = charges::open(intent, method, changes, setting.now);
  charges::refuse(charge, card.code, card.decline_code, card.message);
  auto error = ApiError(402, "card_error", std::string(card.message))
                   .with_code(std::string(card.code))
                   .with_member("charge", charge["id"])
                   .with_member("decline_code", json::Value(card.decline_code));
  changes.tell("charge.failed", charge);
  fail(intent, method, error, changes);
  return error;
}

/// The money is there.
void receive(Object& intent, Object& charge, std::int64_t amount, Changes& changes, Setting const& setting) {
  become(intent, "succeeded");
  intent["amount_received"] = amount;
  intent["amount_capturable"] = 0;
  changes.tell("payment_intent.succeeded", intent);
  auto const* card = charges::card_of(charge);
  if (card && card->behaviour == Behaviour::is_disputed) disputes::open(charge, changes, setting.now);
}

void save_method(Object const& intent, Object const& method, Changes& changes) {
  bool const wanted = !intent.text("setup_future_usage").empty() && !intent.text("customer").empty();
  if (!wanted || !method.text("customer").empty()) return;
  auto& saved = changes.changing(method);
  saved["customer"] = intent.text("customer");
  changes.tell("payment_method.attached", saved);
}

/// The bank has agreed.
void pay(Object& intent, Object const& method, Changes& changes, Setting const& setting) {
  auto& charge = charges::open(intent, method, changes, setting.now);
  charges::authorize(charge);
  intent["last_payment_error"] = nullptr;
  save_method(intent, method, changes);
  auto const amount = intent.number("amount");
  if (is_manual(intent)) {
    become(intent, "requires_capture");
    intent["amount_capturable"] = amount;
    changes.tell("charge.succeeded", charge);
    changes.tell("payment_intent.amount_capturable_updated", intent);
    schedule_release(intent, changes, setting);
    return;
  }
  charges::capture(charge, amount, changes, setting.now);
  changes.tell("charge.succeeded", charge);
  receive(intent, charge, amount, changes, setting);
}

ApiError authentication_required() {
  return ApiError(402, "card_error", "Your card was declined. This transaction requires authentication.")
      .with_code("authentication_required")
      .with_member("decline_code", "authentication_required");
}

std::optional<ApiError> ask_for_action(Object& intent, Object const& method, Terms const& terms, Changes& changes,
                                       Setting const& setting) {
  bool const is_card = method.text("type") == "card";
  if ((is_card && terms.off_session) || terms.error_on_requires_action) {
    auto error = authentication_required();
    fail(intent, method, error, changes);
    return error;
  }
  become(intent, "requires_action");
  intent["last_payment_error"] = nullptr;
  intent["next_action"] = next_action(intent, method, terms.return_url, setting);
  changes.tell("payment_intent.requires_action", intent);
  if (!is_card) schedule_attempt(intent, method, changes, setting);
  return std::nullopt;
}

ApiError authentication_failed() {
  return ApiError::invalid(
      "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new "
      "PaymentMethod to attempt to fulfill this PaymentIntent again.",
      {}, "payment_intent_authentication_failure");
}

ApiError attempt_over(Action action) {
  return action == Action::expire ? ApiError::invalid("The latest payment attempt for the PaymentIntent has expired.",
                                                      {}, "payment_intent_payment_attempt_expired")
                                  : ApiError::invalid("The latest payment attempt for the PaymentIntent has failed.",
                                                      {}, "payment_intent_payment_attempt_failed");
}

/// The customer has paid a boleto; the bank passes the money on later.
void process(Object& intent, Object const& method, Changes& changes, Setting const& setting) {
  auto const& charge = charges::open(intent, method, changes, setting.now);
  become(intent, "processing");
  changes.tell("charge.pending", charge);
  changes.tell("payment_intent.processing", intent);
  schedule_clearing(intent, changes, setting);
}

void clear(Object& intent, Object& charge, Changes& changes, Setting const& setting) {
  charges::authorize(charge);
  charges::capture(charge, charge.number("amount"), changes, setting.now);
  changes.tell("charge.succeeded", charge);
  receive(intent, charge, charge.number("amount"), changes, setting);
}

std::string_view reason_for(std::string_view status) {
  if (status == "succeeded") return "has already succeeded";
  if (status == "canceled") return "has been canceled";
  return "has another status";
}

}  // namespace

std::optional<Action> parse_action(std::string_view name) {
  for (auto const& [known, action] : actions) {
    if (known == name) return action;
  }
  return std::nullopt;
}

std::string_view name_of(Action action) { return actions.at(static_cast<std::size_t>(action)).first; }

Attempt attempt_of(Object const& intent) { return {intent.text("payment_method"), expires_at(intent).value_or(0)}; }

bool may_change(Object const& intent) {
  auto const status = intent.text("status");
  return status == "requires_payment_method" || status == "requires_confirmation" || status == "requires_action";
}

ApiError unexpected_state(Object const& intent, std::string_view doing) {
  auto const status = intent.text("status");
  return ApiError::invalid("You cannot " + std::string(doing) + " this PaymentIntent because it " +
                               std::string(reason_for(status)) + ": its status is " + status + ".",
                           {}, "payment_intent_unexpected_state")
      .with_member("payment_intent", intent.resource);
}

std::optional<ApiError> confirm(Object& intent, Object const& method, Terms const& terms, Changes& changes,
                                Setting const& setting) {
  auto const* card = payment_methods::card_of(method);
  intent["payment_method"] = method.resource.at("id");
  bool const must_act = !card || card->behaviour == Behaviour::authenticates;
  if (must_act) return ask_for_action(intent, method, terms, changes, setting);
  if (card->behaviour == Behaviour::declines) return decline(intent, method, *card, changes, setting);
  pay(intent, method, changes, setting);
  return std::nullopt;
}

std::optional<ApiError> capture(Object& intent, Object& charge, std::int64_t amount, Changes& changes,
                                Setting const& setting) {
  if (intent.text("status") != "requires_capture") return unexpected_state(intent, "capture");
  charges::capture(charge, amount, changes, setting.now);
  changes.tell("charge.captured", charge);
  receive(intent, charge, amount, changes, setting);
  return std::nullopt;
}

std::optional<ApiError> cancel(Object& intent, Object* charge, json::Value reason, Changes& changes,
                               Setting const& setting) {
  bool const may_be = may_change(intent) || intent.text("status") == "requires_capture";
  if (!may_be) return unexpected_state(intent, "cancel");
  if (charge) {
    charges::release(*charge);
    changes.tell("charge.refunded", *charge);
  }
  become(intent, "canceled");
  intent["amount_capturable"] = 0;
  intent["canceled_at"] = to_unix(setting.now);
  intent["cancellation_reason"] = std::move(reason);
  changes.tell("payment_intent.canceled", intent);
  return std::nullopt;
}

std::optional<ApiError> act(Object& intent, Object const& method, Object* charge, Action action, Changes& changes,
                            Setting const& setting) {
  auto const status = intent.text("status");
  auto const type = method.text("type");
  if (status == "requires_action") {
    if (action != Action::succeed) {
      fail(intent, method, type == "card" ? authentication_failed() : attempt_over(action), changes);
    } else if (type == "boleto") {
      process(intent, method, changes, setting);
    } else {
      pay(intent, method, changes, setting);
    }
    return std::nullopt;
  }
  if (status == "processing" && action == Action::succeed) {
    clear(intent, *charge, changes, setting);
    return std::nullopt;
  }
  if (status == "processing" && action == Action::fail) {
    charges::refuse(*charge, "processing_error", "processing_error", "The bank could not pass the money on.");
    changes.tell("charge.failed", *charge);
    fail(intent, method, attempt_over(action), changes);
    return std::nullopt;
  }
  if (status == "requires_capture" && action == Action::expire) {
    return cancel(intent, charge, "automatic", changes, setting);
  }
  return unexpected_state(intent, name_of(action));
}

}  // namespace balcao::sandbox::payment_intents
