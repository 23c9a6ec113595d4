#include "sandbox/payment_intents/payment_intents.hpp"

#include "sandbox/payment_intents/conditions.hpp"
#include "sandbox/payment_intents/resource.hpp"
#include "sandbox/transport/fields.hpp"

namespace balcao::sandbox::payment_intents {
namespace {

std::string const kind = "payment_intent";
std::vector<std::string_view> const expandable{"application",
                                               "customer",
                                               "invoice",
                                               "latest_charge",
                                               "latest_charge.balance_transaction",
                                               "latest_charge.customer",
                                               "latest_charge.payment_intent",
                                               "on_behalf_of",
                                               "payment_method",
                                               "payment_method.customer",
                                               "review"};

/// An error's answer shows the intent as it now is; what changed is kept all the same.
Outcome refused(ApiError error, Object const& intent, Changes changes = {}) {
  auto const status = error.status();
  auto const body = std::move(error).with_member("payment_intent", intent.resource).body();
  return std::move(changes).answer(status, body.as_object());
}

/// What the customer was to do is to be done no more: a code that was shown is of another amount.
void await_confirmation(Object& intent) {
  intent["status"] = "requires_confirmation";
  intent["next_action"] = nullptr;
}

/// What only an intent that nothing has been done to yet may be told.
bool asks_for_more(Parameters const& parameters) {
  for (auto const* name : {"amount", "currency", "customer", "payment_method", "payment_method_data",
                           "payment_method_types", "capture_method", "setup_future_usage"}) {
    if (parameters.has(name)) return true;
  }
  return false;
}

}  // namespace

Operations PaymentIntents::operations() {
  using http::Method;
  return {
      {Method::post, "/v1/payment_intents", [this](ApiCall call) { return create(std::move(call)); }},
      {Method::get, "/v1/payment_intents", [this](ApiCall call) { return list(std::move(call)); }},
      {Method::get, "/v1/payment_intents/search", [this](ApiCall call) { return search(std::move(call)); }},
      {Method::get, "/v1/payment_intents/{intent}", [this](ApiCall call) { return retrieve(std::move(call)); }},
      {Method::post, "/v1/payment_intents/{intent}", [this](ApiCall call) { return update(std::move(call)); }},
      {Method::post, "/v1/payment_intents/{intent}/confirm", [this](ApiCall call) { return confirm(std::move(call)); }},
      {Method::post, "/v1/payment_intents/{intent}/capture", [this](ApiCall call) { return capture(std::move(call)); }},
      {Method::post, "/v1/payment_intents/{intent}/cancel", [this](ApiCall call) { return cancel(std::move(call)); }},
  };
}

Task<Object> PaymentIntents::named(std::string id) {
  auto intent = co_await reading_.store().find(kind, id);
  if (!intent) throw ApiError::missing(kind, id).with_param("intent");
  co_return std::move(*intent);
}

Task<Object*> PaymentIntents::latest_charge(Object const& intent, Changes& changes) {
  auto const id = intent.text("latest_charge");
  if (id.empty()) co_return nullptr;
  auto charge = co_await reading_.store().find("charge", id);
  co_return charge ? &changes.change(std::move(*charge)) : nullptr;
}

/// Without a choice, the payment method that the intent has.
Task<Object> PaymentIntents::chosen_method(payment_methods::Choice choice, Object& intent, Changes& changes) {
  if (!choice) choice.id = intent.text("payment_method");
  auto method = co_await methods_.resolve(std::move(choice), changes);
  if (auto refusal = refuse_method(intent, method)) throw std::move(*refusal);
  intent["payment_method"] = method.resource.at("id");
  await_confirmation(intent);
  co_return method;
}

Task<Outcome> PaymentIntents::create(ApiCall call) {
  auto& parameters = call.parameters;
  auto read = read_new(parameters, call.now);
  auto choice = payment_methods::read_choice(parameters, call.now);
  auto const terms = read_terms(parameters);
  bool const confirms = parameters.boolean("confirm").value_or(false);
  auto names = read_expand(parameters, expandable, false);
  parameters.refuse_unknown();
  if (auto customer = read.text("customer"); !customer.empty()) co_await reading_.expect_customer(std::move(customer));

  Changes changes;
  auto& intent = changes.create(std::move(read));
  std::optional<Object> method;
  if (choice) method = co_await chosen_method(std::move(choice), intent, changes);
  if (confirms) {
    if (auto refusal = refuse_confirmation(intent, method.has_value())) throw std::move(*refusal);
    if (auto refusal = refuse_terms(intent, terms)) throw std::move(*refusal);
  }
  changes.tell("payment_intent.created", intent);
  if (confirms) {
    auto error = payment_intents::confirm(intent, *method, terms, changes, setting(call.now));
    if (error) co_return refused(std::move(*error), intent, std::move(changes));
  }
  co_return co_await reading_.answer(std::move(changes), intent, std::move(names));
}

Task<Outcome> PaymentIntents::retrieve(ApiCall call) {
  call.parameters.text("client_secret");
  return reading_.retrieve(std::move(call), kind, kind, expandable);
}

Task<Outcome> PaymentIntents::update(ApiCall call) {
  auto& parameters = call.parameters;
  Changes changes;
  auto& intent = changes.change(co_await named(call.ids.front()));
  bool const asks = asks_for_more(parameters);
  auto const customer = intent.text("customer");
  apply_update(parameters, intent);
  auto choice = payment_methods::read_choice(parameters, call.now);
  auto names = read_expand(parameters, expandable, false);
  parameters.refuse_unknown();
  if (asks && !may_change(intent)) co_return Outcome::failed(unexpected_state(intent, "update"));
  if (asks && intent.text("status") == "requires_action") await_confirmation(intent);
  if (auto owner = intent.text("customer"); owner != customer) co_await reading_.expect_customer(std::move(owner));
  if (choice) co_await chosen_method(std::move(choice), intent, changes);
  co_return co_await reading_.answer(std::move(changes), intent, std::move(names));
}

Task<Outcome> PaymentIntents::confirm(ApiCall call) {
  auto& parameters = call.parameters;
  Changes changes;
  auto& intent = changes.change(co_await named(call.ids.front()));
  auto choice = payment_methods::read_choice(parameters, call.now);
  bool const has_method = choice || !intent.text("payment_method").empty();
  auto refusal = refuse_confirmation(intent, has_method);
  apply_confirmation(parameters, intent);
  auto const terms = read_terms(parameters);
  auto names = read_expand(parameters, expandable, false);
  parameters.refuse_unknown();
  if (refusal) co_return Outcome::failed(*refusal);
  if (auto more = refuse_terms(intent, terms)) throw std::move(*more);

  auto const method = co_await chosen_method(std::move(choice), intent, changes);
  auto error = payment_intents::confirm(intent, method, terms, changes, setting(call.now));
  if (error) co_return refused(std::move(*error), intent, std::move(changes));
  co_return co_await reading_.answer(std::move(changes), intent, std::move(names));
}

Task<Outcome> PaymentIntents::capture(ApiCall call) {
  auto& parameters = call.parameters;
  Changes changes;
  auto& intent = changes.change(co_await named(call.ids.front()));
  auto const capturable = intent.number("amount_capturable");
  auto const asked = parameters.integer("amount_to_capture", 1, 99'999'999);
  apply_metadata(parameters, intent.resource);
  for (auto const* name : {"statement_descriptor", "statement_descriptor_suffix"}) {
    if (auto const text = parameters.text(name, 22)) intent[name] = *text;
  }
  parameters.text("application_fee_amount");
  if (!parameters.take_unset("transfer_data")) parameters.object("transfer_data");
  auto names = read_expand(parameters, expandable, false);
  parameters.refuse_unknown();
  if (intent.text("status") != "requires_capture") co_return Outcome::failed(unexpected_state(intent, "capture"));
  if (asked && *asked > capturable) {
    throw ApiError::invalid("The amount to capture (" + std::to_string(*asked) +
                                ") is greater than the amount that can be captured (" + std::to_string(capturable) +
                                ").",
                            "amount_to_capture", "amount_too_large");
  }
  auto* charge = co_await latest_charge(intent, changes);
  payment_intents::capture(intent, *charge, asked.value_or(capturable), changes, setting(call.now));
  co_return co_await reading_.answer(std::move(changes), intent, std::move(names));
}

Task<Outcome> PaymentIntents::cancel(ApiCall call) {
  auto const reason =
      call.parameters.choice("cancellation_reason", {"duplicate", "fraudulent", "requested_by_customer", "abandoned"});
  auto names = read_expand(call.parameters, expandable, false);
  call.parameters.refuse_unknown();
  Changes changes;
  auto& intent = changes.change(co_await named(call.ids.front()));
  Object* charge = nullptr;
  if (intent.text("status") == "requires_capture") charge = co_await latest_charge(intent, changes);
  auto error = payment_intents::cancel(intent, charge, reason.value_or(nullptr), changes, setting(call.now));
  if (error) co_return Outcome::failed(*error);
  co_return co_await reading_.answer(std::move(changes), intent, std::move(names));
}

Task<Outcome> PaymentIntents::act(std::string id, Action action, Time now, std::optional<Attempt> attempt) {
  Changes changes;
  auto& intent = changes.change(co_await named(id));
  auto const current = attempt_of(intent);
  if (current.method.empty() || attempt.value_or(current) != current) {
    co_return Outcome::failed(unexpected_state(intent, name_of(action)));
  }
  auto const used = (co_await reading_.store().find("payment_method", current.method)).value();
  auto const status = intent.text("status");
  Object* charge = nullptr;
  if (status == "processing" || status == "requires_capture") charge = co_await latest_charge(intent, changes);
  auto const error = payment_intents::act(intent, used, charge, action, changes, setting(now));
  if (error) co_return Outcome::failed(*error);
  co_return std::move(changes).answer(200, intent.resource);
}

Task<Outcome> PaymentIntents::list(ApiCall call) {
  objects::Filter filter{.kind = kind, .created = read_created(call.parameters)};
  filter.customer = call.parameters.given("customer");
  return reading_.list(std::move(call), std::move(filter), "/v1/payment_intents", expandable);
}

Task<Outcome> PaymentIntents::search(ApiCall call) {
  Searchable const searchable{"payment_intents", {"amount", "created", "currency", "customer", "status"}, {}};
  return reading_.search(std::move(call), kind, searchable, "/v1/payment_intents/search", expandable);
}

}  // namespace balcao::sandbox::payment_intents
