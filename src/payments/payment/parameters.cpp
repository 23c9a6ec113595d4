#include "payments/payment/parameters.hpp"

#include <array>
#include <utility>

namespace balcao::payments {
namespace {

constexpr std::array<std::pair<std::string_view, std::string Billing::*>, 7> billing_members{{
    {"name", &Billing::name},
    {"email", &Billing::email},
    {"tax_id", &Billing::tax_id},
    {"line1", &Billing::line1},
    {"city", &Billing::city},
    {"state", &Billing::state},
    {"postal_code", &Billing::postal_code},
}};

void set(json::Object& parameters, std::string_view name, std::optional<std::string> const& text) {
  if (text) parameters[name] = *text;
}

}  // namespace

json::Object creation(NewPayment const& wanted, std::optional<std::string> const& customer) {
  json::Object parameters{{"confirm", wanted.confirm}};
  set(parameters, "customer", customer);
  set(parameters, "return_url", wanted.return_url);
  if (!wanted.pay_with) return parameters;
  parameters["method"] = wanted.pay_with->method;
  set(parameters, "payment_method", wanted.pay_with->payment_method);
  if (auto const& billing = wanted.pay_with->billing) {
    json::Object members;
    for (auto const& [name, member] : billing_members) members[name] = (*billing).*member;
    parameters["billing"] = std::move(members);
  }
  return parameters;
}

json::Object confirmation(std::optional<std::string> const& payment_method,
                          std::optional<std::string> const& return_url) {
  json::Object parameters;
  set(parameters, "payment_method", payment_method);
  set(parameters, "return_url", return_url);
  return parameters;
}

json::Object capturing(std::optional<std::int64_t> amount) {
  return amount ? json::Object{{"amount", *amount}} : json::Object{};
}

NewIntent intent_to_create(Payment const& payment, json::Object const& creation) {
  NewIntent intent{.amount = payment.amount,
                   .currency = payment.currency,
                   .payment_id = payment.id.str(),
                   .manual_capture = payment.capture == Payment::Capture::manual,
                   .customer = text_in(creation, "customer"),
                   .description = payment.description,
                   .method_type = text_in(creation, "method").value_or("card"),
                   .payment_method = text_in(creation, "payment_method"),
                   .billing = {}};
  if (auto const* members = creation.if_contains("billing")) {
    intent.billing.emplace();
    for (auto const& [name, member] : billing_members) {
      (*intent.billing).*member = text_in(members->as_object(), name).value_or("");
    }
  }
  return intent;
}

std::optional<json::Object> confirmation_after(json::Object const& creation) {
  auto const* confirm = creation.if_contains("confirm");
  if (!confirm || *confirm != true) return std::nullopt;
  return confirmation(std::nullopt, text_in(creation, "return_url"));
}

std::optional<std::string> text_in(json::Object const& parameters, std::string_view name) {
  auto const* member = parameters.if_contains(name);
  return member && member->is_string() ? std::optional(std::string(member->get_string())) : std::nullopt;
}

std::optional<std::int64_t> number_in(json::Object const& parameters, std::string_view name) {
  auto const* member = parameters.if_contains(name);
  return member && member->is_int64() ? std::optional(member->get_int64()) : std::nullopt;
}

}  // namespace balcao::payments
