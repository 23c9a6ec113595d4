#include "sandbox/payment_methods/payment_methods.hpp"

#include "sandbox/transport/fields.hpp"

namespace balcao::sandbox::payment_methods {
namespace {

using objects::Changes;
using objects::Object;

std::string const kind = "payment_method";
std::vector<std::string_view> const expandable{"customer"};

ApiError missing(std::string const& id) { return ApiError::missing("PaymentMethod", id); }

/// The one that is read, or the one that a test card's id makes.
std::optional<Object> made_of_card(std::string const& id, Time now) {
  auto const* card = find_card(id);
  return card ? std::optional(from_card(*card, now)) : std::nullopt;
}

}  // namespace

Operations PaymentMethods::operations() {
  using http::Method;
  return {
      {Method::post, "/v1/payment_methods", [this](ApiCall call) { return create(std::move(call)); }},
      {Method::get, "/v1/payment_methods", [this](ApiCall call) { return list(std::move(call)); }},
      {Method::get, "/v1/payment_methods/{method}", [this](ApiCall call) { return retrieve(std::move(call)); }},
      {Method::post, "/v1/payment_methods/{method}", [this](ApiCall call) { return update(std::move(call)); }},
      {Method::post, "/v1/payment_methods/{method}/attach", [this](ApiCall call) { return attach(std::move(call)); }},
      {Method::post, "/v1/payment_methods/{method}/detach", [this](ApiCall call) { return detach(std::move(call)); }},
      {Method::get, "/v1/customers/{customer}/payment_methods",
       [this](ApiCall call) { return list_of_customer(std::move(call)); }},
  };
}

Task<Object> PaymentMethods::resolve(Choice choice, Changes& changes) {
  if (choice.made) co_return changes.create(std::move(*choice.made));
  auto method = co_await reading_.store().find(kind, *choice.id);
  if (!method) {
    throw ApiError::invalid("No such PaymentMethod: '" + *choice.id + "'", "payment_method", "resource_missing");
  }
  co_return std::move(*method);
}

Task<Outcome> PaymentMethods::create(ApiCall call) {
  auto method = from_parameters(call.parameters, call.now);
  auto names = read_expand(call.parameters, expandable, false);
  call.parameters.refuse_unknown();
  Changes changes;
  auto const& created = changes.create(std::move(method));
  co_return co_await reading_.answer(std::move(changes), created, std::move(names));
}

Task<Outcome> PaymentMethods::retrieve(ApiCall call) {
  if (auto const made = made_of_card(call.ids.front(), call.now)) {
    call.parameters.refuse_unknown();
    co_return Outcome::ok(made->resource);
  }
  co_return co_await reading_.retrieve(std::move(call), kind, "PaymentMethod", expandable);
}

Task<Outcome> PaymentMethods::update(ApiCall call) {
  auto const id = call.ids.front();
  auto method = co_await reading_.store().find(kind, id);
  if (!method) throw missing(id);
  apply_billing_details(call.parameters, method->resource);
  apply_metadata(call.parameters, method->resource);
  if (auto card = call.parameters.object("card")) {
    if (auto const month = card->integer("exp_month", 1, 12)) (*method)["card"].as_object()["exp_month"] = *month;
    if (auto const year = card->integer("exp_year", 2000, 2099)) (*method)["card"].as_object()["exp_year"] = *year;
    card->refuse_unknown();
  }
  auto names = read_expand(call.parameters, expandable, false);
  call.parameters.refuse_unknown();

  Changes changes;
  auto const& changed = changes.change(std::move(*method));
  changes.tell("payment_method.updated", changed);
  co_return co_await reading_.answer(std::move(changes), changed, std::move(names));
}

Task<Outcome> PaymentMethods::attach(ApiCall call) {
  auto const id = call.ids.front();
  auto const customer = call.parameters.required_text("customer");
  auto names = read_expand(call.parameters, expandable, false);
  call.parameters.refuse_unknown();
  co_await reading_.expect_customer(customer);

  Changes changes;
  Object* method = nullptr;
  if (auto made = made_of_card(id, call.now)) {
    method = &changes.create(std::move(*made));
  } else {
    auto stored = co_await reading_.store().find(kind, id);
    if (!stored) throw missing(id);
    method = &changes.change(std::move(*stored));
  }
  auto const owner = method->text("customer");
  if (!owner.empty() && owner != customer) {
    co_return Outcome::failed(
        ApiError::invalid("The payment method you provided has already been attached to a customer.", {},
                          "payment_method_unexpected_state"));
  }
  (*method)["customer"] = customer;
  changes.tell("payment_method.attached", *method);
  co_return co_await reading_.answer(std::move(changes), *method, std::move(names));
}

Task<Outcome> PaymentMethods::detach(ApiCall call) {
  auto const id = call.ids.front();
  auto names = read_expand(call.parameters, expandable, false);
  call.parameters.refuse_unknown();
  auto stored = co_await reading_.store().find(kind, id);
  if (!stored) throw missing(id);
  if (stored->text("customer").empty()) {
    co_return Outcome::failed(ApiError::invalid(
        "The payment method you provided is not attached to a customer so detachment is impossible."));
  }
  Changes changes;
  auto& method = changes.change(std::move(*stored));
  auto const owner = method["customer"];
  method["customer"] = nullptr;
  changes.tell("payment_method.detached", method, {{"customer", owner}});
  co_return co_await reading_.answer(std::move(changes), method, std::move(names));
}

Task<Outcome> PaymentMethods::list(ApiCall call) {
  objects::Filter filter{.kind = kind};
  filter.customer = call.parameters.given("customer");
  filter.type = call.parameters.given("type");
  co_return co_await reading_.list(std::move(call), std::move(filter), "/v1/payment_methods", expandable);
}

Task<Outcome> PaymentMethods::list_of_customer(ApiCall call) {
  objects::Filter filter{.kind = kind};
  filter.customer = call.ids.front();
  filter.type = call.parameters.given("type");
  auto url = "/v1/customers/" + call.ids.front() + "/payment_methods";
  co_return co_await reading_.list(std::move(call), std::move(filter), std::move(url), expandable);
}

}  // namespace balcao::sandbox::payment_methods
