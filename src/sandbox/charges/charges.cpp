#include "sandbox/charges/charges.hpp"

#include "sandbox/transport/fields.hpp"

namespace balcao::sandbox::charges {
namespace {

std::string const kind = "charge";
std::vector<std::string_view> const expandable{
    "application", "application_fee", "balance_transaction", "customer", "failure_balance_transaction",
    "invoice",     "on_behalf_of",    "payment_intent",      "review"};

}  // namespace

Operations Charges::operations() {
  using http::Method;
  return {
      {Method::get, "/v1/charges", [this](ApiCall call) { return list(std::move(call)); }},
      {Method::get, "/v1/charges/{charge}", [this](ApiCall call) { return retrieve(std::move(call)); }},
      {Method::post, "/v1/charges/{charge}", [this](ApiCall call) { return update(std::move(call)); }},
  };
}

Task<Outcome> Charges::retrieve(ApiCall call) { return reading_.retrieve(std::move(call), kind, kind, expandable); }

Task<Outcome> Charges::update(ApiCall call) {
  auto& parameters = call.parameters;
  auto stored = co_await reading_.store().find(kind, call.ids.front());
  if (!stored) throw ApiError::missing(kind, call.ids.front());
  objects::Changes changes;
  auto& charge = changes.change(std::move(*stored));
  auto const before = charge.resource;
  apply_metadata(parameters, charge.resource);
  apply_email(parameters, charge.resource, "receipt_email");
  apply_shipping(parameters, charge.resource, Parcel::tracked);
  if (auto const text = parameters.text("description", 40'000)) charge["description"] = *text;
  if (auto const group = parameters.text("transfer_group")) charge["transfer_group"] = *group;
  if (auto const customer = parameters.given("customer")) {
    co_await reading_.expect_customer(*customer);
    charge["customer"] = *customer;
  }
  if (auto details = parameters.object("fraud_details")) {
    auto const report = details->choice("user_report", {"fraudulent", "safe"});
    if (report && report->is_string()) charge["fraud_details"] = {{"user_report", *report}};
    details->refuse_unknown();
  }
  auto names = read_expand(parameters, expandable, false);
  parameters.refuse_unknown();
  changes.tell("charge.updated", charge, previous_attributes(before, charge.resource));
  co_return co_await reading_.answer(std::move(changes), charge, std::move(names));
}

Task<Outcome> Charges::list(ApiCall call) {
  objects::Filter filter{.kind = kind, .created = read_created(call.parameters)};
  filter.customer = call.parameters.given("customer");
  filter.payment_intent = call.parameters.given("payment_intent");
  return reading_.list(std::move(call), std::move(filter), "/v1/charges", expandable);
}

}  // namespace balcao::sandbox::charges
