#include "sandbox/refunds/refunds.hpp"

#include "sandbox/charges/charge.hpp"
#include "sandbox/refunds/refund.hpp"
#include "sandbox/transport/fields.hpp"
#include "sandbox/transport/object_id.hpp"

namespace balcao::sandbox::refunds {
namespace {

using namespace std::chrono_literals;
using payment_methods::Behaviour;

std::string const kind = "refund";
std::vector<std::string_view> const expandable{"balance_transaction",         "charge",
                                               "failure_balance_transaction", "payment_intent",
                                               "source_transfer_reversal",    "transfer_reversal",
                                               "charge.balance_transaction"};

constexpr auto bank_answers_after = 2s;
constexpr std::int64_t most = 99'999'999;

/// What the refund of this charge turns out to be, later: nothing where it is over at once.
std::string_view later(Object const& charge, bool refund_fails_later) {
  auto const* card = charges::card_of(charge);
  if (refund_fails_later || (card && card->behaviour == Behaviour::refund_fails)) return "failed";
  return card && card->behaviour == Behaviour::refunds_slowly ? "succeeded" : "";
}

/// What the sandbox takes and does not heed: there is one account, and money goes back where it came from.
void take_unheeded(Parameters& parameters) {
  for (auto const* name : {"currency", "customer", "instructions_email", "origin"}) parameters.text(name);
  for (auto const* name : {"refund_application_fee", "reverse_transfer"}) parameters.boolean(name);
}

}  // namespace

Operations Refunds::operations() {
  using http::Method;
  return {
      {Method::post, "/v1/refunds", [this](ApiCall call) { return create(std::move(call)); }},
      {Method::get, "/v1/refunds", [this](ApiCall call) { return list(std::move(call)); }},
      {Method::get, "/v1/refunds/{refund}", [this](ApiCall call) { return retrieve(std::move(call)); }},
      {Method::post, "/v1/refunds/{refund}", [this](ApiCall call) { return update(std::move(call)); }},
      {Method::post, "/v1/refunds/{refund}/cancel", [this](ApiCall call) { return cancel(std::move(call)); }},
  };
}

Task<Object> Refunds::named(std::string id) {
  auto refund = co_await reading_.store().find(kind, id);
  if (!refund) throw ApiError::missing(kind, id);
  co_return std::move(*refund);
}

Task<Object> Refunds::charge_to_refund(std::optional<std::string> charge, std::optional<std::string> intent) {
  if (!charge && !intent) {
    throw ApiError::invalid(
        "One of the following params should be provided for this request: payment_intent or charge.", "charge",
        "parameter_missing");
  }
  if (!charge) {
    auto const found = co_await reading_.store().find("payment_intent", *intent);
    if (!found) {
      throw ApiError::invalid("No such payment_intent: '" + *intent + "'", "payment_intent", "resource_missing");
    }
    charge = found->text("latest_charge");
    auto const status = found->text("status");
    if (charge->empty() || (status != "succeeded" && status != "canceled")) {
      throw ApiError::invalid("This PaymentIntent (" + *intent + ") does not have a successful charge to refund.",
                              "payment_intent", "payment_intent_unexpected_state");
    }
  }
  auto found = co_await reading_.store().find("charge", *charge);
  if (!found) throw ApiError::invalid("No such charge: '" + *charge + "'", "charge", "resource_missing");
  if (intent && found->text("payment_intent") != *intent) {
    throw ApiError::invalid("Charge " + *charge + " does not belong to PaymentIntent " + *intent + ".", "charge");
  }
  co_return std::move(*found);
}

void Refunds::schedule(Object const& refund, std::string_view what, Changes& changes) {
  auto const payload = json::to_text(json::Object{{"refund", refund.id()}, {"becomes", what}});
  changes.also(jobs_.enqueue(job_kind, refund.id(), payload, bank_answers_after));
}

Task<Outcome> Refunds::create(ApiCall call) {
  auto& parameters = call.parameters;
  auto charge_id = parameters.given("charge");
  auto intent_id = parameters.given("payment_intent");
  auto const asked = parameters.integer("amount", 1, most);
  auto const reason = parameters.choice("reason", {"duplicate", "fraudulent", "requested_by_customer"});
  json::Object described{{"metadata", json::Object{}}};
  apply_metadata(parameters, described);
  take_unheeded(parameters);
  auto names = read_expand(parameters, expandable, false);
  parameters.refuse_unknown();

  Changes changes;
  auto& charge = changes.change(co_await charge_to_refund(std::move(charge_id), std::move(intent_id)));
  auto const amount = asked.value_or(refundable(charge));
  if (auto const refusal = refuse(charge, amount)) co_return Outcome::failed(*refusal);
  auto const becomes = later(charge, call.refund_fails_later);
  auto& refund = open(charge, amount, becomes == "succeeded", reason.value_or(nullptr), changes, call.now);
  refund["metadata"] = std::move(described["metadata"]);
  changes.tell("charge.refunded", charge);
  changes.tell("refund.created", refund);
  if (!becomes.empty()) schedule(refund, becomes, changes);
  co_return co_await reading_.answer(std::move(changes), refund, std::move(names));
}

Task<Outcome> Refunds::settle(std::string payload, Time now) {
  auto const document = json::parse(payload).value().as_object();
  bool const failed = objects::text_of(document, "becomes") == "failed";
  Changes changes;
  auto& refund = changes.change(co_await named(objects::text_of(document, "refund")));
  auto const status = refund.text("status");
  bool const is_open = failed ? status == "pending" || status == "succeeded" : status == "pending";
  if (!is_open) co_return Outcome::ok(refund.resource);
  if (failed) {
    auto charge = co_await reading_.store().find("charge", refund.text("charge"));
    take_back(refund, changes.change(std::move(charge.value())), "failed", changes, now);
  } else {
    succeed(refund, changes);
  }
  co_return std::move(changes).answer(200, refund.resource);
}

Task<Outcome> Refunds::retrieve(ApiCall call) { return reading_.retrieve(std::move(call), kind, kind, expandable); }

Task<Outcome> Refunds::update(ApiCall call) {
  Changes changes;
  auto& refund = changes.change(co_await named(call.ids.front()));
  auto const before = refund.resource;
  apply_metadata(call.parameters, refund.resource);
  auto names = read_expand(call.parameters, expandable, false);
  call.parameters.refuse_unknown();
  auto const previous = previous_attributes(before, refund.resource);
  changes.tell("refund.updated", refund, previous);
  changes.tell("charge.refund.updated", refund, previous);
  co_return co_await reading_.answer(std::move(changes), refund, std::move(names));
}

Task<Outcome> Refunds::cancel(ApiCall call) {
  auto names = read_expand(call.parameters, expandable, false);
  call.parameters.refuse_unknown();
  Changes changes;
  auto& refund = changes.change(co_await named(call.ids.front()));
  if (refund.text("status") != "pending") {
    co_return Outcome::failed(ApiError::invalid("You cannot cancel this refund because it is " + refund.text("status") +
                                                ": only one that is pending can be canceled."));
  }
  auto charge = co_await reading_.store().find("charge", refund.text("charge"));
  take_back(refund, changes.change(std::move(charge.value())), "canceled", changes, call.now);
  co_return co_await reading_.answer(std::move(changes), refund, std::move(names));
}

Task<Outcome> Refunds::list(ApiCall call) {
  objects::Filter filter{.kind = kind, .created = read_created(call.parameters)};
  filter.source = call.parameters.given("charge");
  filter.payment_intent = call.parameters.given("payment_intent");
  return reading_.list(std::move(call), std::move(filter), "/v1/refunds", expandable);
}

}  // namespace balcao::sandbox::refunds
