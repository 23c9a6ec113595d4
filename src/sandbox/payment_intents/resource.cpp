#include "sandbox/payment_intents/resource.hpp"

#include <algorithm>

#include "sandbox/payment_intents/money.hpp"
#include "sandbox/payment_intents/options.hpp"
#include "sandbox/transport/fields.hpp"
#include "sandbox/transport/object_id.hpp"

namespace balcao::sandbox::payment_intents {
namespace {

constexpr std::string_view secret_alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

Object blank(Time now) {
  auto const id = new_object_id("pi_3");
  return {now,
          1,
          {{"id", id},
           {"object", "payment_intent"},
           {"amount", 0},
           {"amount_capturable", 0},
           {"amount_details", {{"tip", json::Object{}}}},
           {"amount_received", 0},
           {"application", nullptr},
           {"application_fee_amount", nullptr},
           {"automatic_payment_methods", nullptr},
           {"canceled_at", nullptr},
           {"cancellation_reason", nullptr},
           {"capture_method", "automatic_async"},
           {"client_secret", id + "_secret_" + random_text(25, secret_alphabet)},
           {"confirmation_method", "automatic"},
           {"created", to_unix(now)},
           {"currency", ""},
           {"customer", nullptr},
           {"description", nullptr},
           {"last_payment_error", nullptr},
           {"latest_charge", nullptr},
           {"livemode", false},
           {"metadata", json::Object{}},
           {"next_action", nullptr},
           {"on_behalf_of", nullptr},
           {"payment_method", nullptr},
           {"payment_method_options", json::Object{}},
           {"payment_method_types", json::Array{}},
           {"processing", nullptr},
           {"receipt_email", nullptr},
           {"review", nullptr},
           {"setup_future_usage", nullptr},
           {"shipping", nullptr},
           {"statement_descriptor", nullptr},
           {"statement_descriptor_suffix", nullptr},
           {"status", "requires_payment_method"},
           {"transfer_data", nullptr},
           {"transfer_group", nullptr}}};
}

/// Of several accounts (Connect) the sandbox knows nothing: what is said of them is taken and changes nothing.
void take_connect(Parameters& parameters) {
  parameters.text("application_fee_amount");
  parameters.text("on_behalf_of");
  if (!parameters.take_unset("transfer_data")) parameters.object("transfer_data");
}

/// So are mandates and what the browser has seen.
void take_unheeded(Parameters& parameters) {
  parameters.text("mandate");
  if (!parameters.take_unset("mandate_data")) parameters.object("mandate_data");
  if (!parameters.take_unset("radar_options")) parameters.object("radar_options");
  parameters.boolean("use_stripe_sdk");
}

void apply_capture_method(Parameters& parameters, Object& intent) {
  auto const method = parameters.choice("capture_method", {"automatic", "automatic_async", "manual"});
  if (method && method->is_string()) intent["capture_method"] = *method;
}

/// What `create`, `update` and `confirm` have in common.
void apply_shared(Parameters& parameters, Object& intent) {
  apply_capture_method(parameters, intent);
  apply_email(parameters, intent.resource, "receipt_email");
  apply_shipping(parameters, intent.resource, Parcel::tracked);
  if (auto const usage = parameters.choice("setup_future_usage", {"off_session", "on_session"})) {
    intent["setup_future_usage"] = *usage;
  }
}

/// What `create` and `update` have in common.
void apply_described(Parameters& parameters, Object& intent) {
  apply_shared(parameters, intent);
  apply_metadata(parameters, intent.resource);
  if (auto const text = parameters.text("description", 1000)) intent["description"] = *text;
  for (auto const* name : {"statement_descriptor", "statement_descriptor_suffix"}) {
    if (auto const text = parameters.text(name, 22)) intent[name] = *text;
  }
  if (auto const customer = parameters.given("customer")) intent["customer"] = *customer;
  if (auto const group = parameters.text("transfer_group")) intent["transfer_group"] = *group;
  take_connect(parameters);
}

}  // namespace

Object read_new(Parameters& parameters, Time now) {
  auto intent = blank(now);
  auto const currency = read_currency(parameters);
  intent["currency"] = currency;
  intent["amount"] = read_amount(parameters, currency);
  apply_described(parameters, intent);
  auto const method = parameters.choice("confirmation_method", {"automatic", "manual"});
  if (method && method->is_string()) intent["confirmation_method"] = *method;
  apply_types(parameters, intent);
  apply_options(parameters, intent);
  take_unheeded(parameters);
  return intent;
}

void apply_update(Parameters& parameters, Object& intent) {
  if (parameters.has("currency")) intent["currency"] = read_currency(parameters);
  if (parameters.has("amount")) intent["amount"] = read_amount(parameters, intent.text("currency"));
  apply_described(parameters, intent);
  if (parameters.has("payment_method_types")) apply_types(parameters, intent);
  apply_options(parameters, intent);
}

void apply_confirmation(Parameters& parameters, Object& intent) {
  apply_shared(parameters, intent);
  if (parameters.has("payment_method_types")) apply_types(parameters, intent);
  apply_options(parameters, intent);
  take_unheeded(parameters);
  auto const secret = parameters.given("client_secret");
  if (secret && *secret != intent.text("client_secret")) {
    throw ApiError::invalid("The client_secret provided does not match the client_secret of this PaymentIntent.",
                            "client_secret");
  }
}

Terms read_terms(Parameters& parameters) {
  Terms terms;
  terms.return_url = parameters.given("return_url");
  terms.error_on_requires_action = parameters.boolean("error_on_requires_action").value_or(false);
  auto const off_session = parameters.choice("off_session", {"true", "false", "one_off", "recurring"});
  terms.off_session = off_session && off_session->is_string() && off_session->get_string() != "false";
  return terms;
}

}  // namespace balcao::sandbox::payment_intents
