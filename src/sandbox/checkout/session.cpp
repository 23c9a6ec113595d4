#include "sandbox/checkout/session.hpp"

#include <algorithm>

#include "sandbox/checkout/line_items.hpp"
#include "sandbox/payment_intents/resource.hpp"
#include "sandbox/transport/fields.hpp"
#include "sandbox/transport/list.hpp"
#include "sandbox/transport/object_id.hpp"
#include "sandbox/transport/web_address.hpp"

namespace balcao::sandbox::checkout {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view id_alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t id_length = 58;
constexpr auto shortest_life = 30min;
constexpr auto longest_life = 24h;
constexpr std::string_view session_id_in_url = "{CHECKOUT_SESSION_ID}";

Object blank(Time now, std::string const& address) {
  auto const id = "cs_test_a1" + random_text(id_length - 2, id_alphabet);
  return {now,
          1,
          {{"id", id},
           {"object", "checkout.session"},
           {"adaptive_pricing", {{"enabled", false}}},
           {"after_expiration", nullptr},
           {"allow_promotion_codes", nullptr},
           {"amount_subtotal", 0},
           {"amount_total", 0},
           {"automatic_tax", {{"enabled", false}, {"liability", nullptr}, {"provider", nullptr}, {"status", nullptr}}},
           {"billing_address_collection", nullptr},
           {"cancel_url", nullptr},
           {"client_reference_id", nullptr},
           {"client_secret", nullptr},
           {"consent", nullptr},
           {"consent_collection", nullptr},
           {"created", to_unix(now)},
           {"currency", nullptr},
           {"currency_conversion", nullptr},
           {"custom_fields", json::Array{}},
           {"custom_text",
            {{"after_submit", nullptr},
             {"shipping_address", nullptr},
             {"submit", nullptr},
             {"terms_of_service_acceptance", nullptr}}},
           {"customer", nullptr},
           {"customer_creation", "if_required"},
           {"customer_details", nullptr},
           {"customer_email", nullptr},
           {"discounts", json::Array{}},
           {"expires_at", to_unix(now + longest_life)},
           {"invoice", nullptr},
           {"invoice_creation", {{"enabled", false}, {"invoice_data", json::Object{}}}},
           {"livemode", false},
           {"locale", nullptr},
           {"metadata", json::Object{}},
           {"mode", "payment"},
           {"payment_intent", nullptr},
           {"payment_link", nullptr},
           {"payment_method_collection", "if_required"},
           {"payment_method_options", json::Object{}},
           {"payment_method_types", json::Array{}},
           {"payment_status", "unpaid"},
           {"phone_number_collection", {{"enabled", false}}},
           {"recovered_from", nullptr},
           {"setup_intent", nullptr},
           {"shipping_address_collection", nullptr},
           {"shipping_cost", nullptr},
           {"shipping_options", json::Array{}},
           {"status", "open"},
           {"submit_type", nullptr},
           {"subscription", nullptr},
           {"success_url", nullptr},
           {"total_details", {{"amount_discount", 0}, {"amount_shipping", 0}, {"amount_tax", 0}}},
           {"ui_mode", "hosted"},
           {"url", address + "/_sandbox/checkout/" + id}}};
}

void apply_urls(Parameters& parameters, Object& session) {
  session["success_url"] = parameters.required_text("success_url");
  if (auto const url = parameters.text("cancel_url")) session["cancel_url"] = *url;
  for (auto const* name : {"success_url", "cancel_url"}) {
    auto const url = session.text(name);
    if (!url.empty() && !is_web_address(url)) throw ApiError::invalid("Not a valid URL", name, "url_invalid");
  }
}

void apply_life(Parameters& parameters, Object& session, Time now) {
  auto const end = parameters.integer("expires_at", 0, to_unix(newest_position().created_at));
  if (!end) return;
  auto const left = std::chrono::seconds(*end - to_unix(now));
  if (left < shortest_life || left > longest_life) {
    throw ApiError::invalid(
        "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout Session creation.",
        "expires_at");
  }
  session["expires_at"] = *end;
}

void apply_types(Parameters& parameters, Object& session, bool manual) {
  json::Array types;
  for (auto const& type : parameters.texts("payment_method_types")) types.emplace_back(type);
  if (types.empty()) {
    types.emplace_back("card");
    if (session.text("currency") == "brl" && !manual) {
      types.emplace_back("boleto");
      types.emplace_back("pix");
    }
  }
  session["payment_method_types"] = std::move(types);
}

void apply_customer(Parameters& parameters, Object& session) {
  if (auto const customer = parameters.given("customer")) session["customer"] = *customer;
  apply_email(parameters, session.resource, "customer_email");
  if (!session.text("customer").empty() && !session.text("customer_email").empty()) {
    throw ApiError::invalid("You may only specify one of these parameters: customer, customer_email.",
                            "customer_email");
  }
  auto const creation = parameters.choice("customer_creation", {"always", "if_required"});
  if (creation && creation->is_string()) session["customer_creation"] = *creation;
}

/// What the page looks like, of which the sandbox's own takes no notice.
void take_unheeded(Parameters& parameters, Object& session) {
  for (auto const* name : {"billing_address_collection", "submit_type", "locale"}) {
    if (auto const text = parameters.text(name, 40)) session[name] = *text;
  }
  for (auto const* name : {"phone_number_collection", "customer_update", "consent_collection", "custom_text",
                           "invoice_creation", "shipping_address_collection", "tax_id_collection"}) {
    if (!parameters.take_unset(name)) parameters.object(name);
  }
  parameters.boolean("allow_promotion_codes");
}

Form taken_object(Parameters& parameters, std::string_view name) {
  auto object = parameters.object(name);
  return object ? std::move(*object).form() : Form{};
}

}  // namespace

std::string plan_of(std::string const& session) { return "plan_" + session; }

NewSession read_new(Parameters& parameters, Time now, std::string const& address) {
  auto session = blank(now, address);
  auto const mode = parameters.choice("mode", {"payment", "setup", "subscription"});
  if (!mode || *mode != "payment") throw ApiError::invalid("The sandbox knows the mode `payment` only.", "mode");
  apply_urls(parameters, session);
  apply_life(parameters, session, now);
  apply_customer(parameters, session);
  apply_metadata(parameters, session.resource);
  if (auto const reference = parameters.text("client_reference_id", 200)) session["client_reference_id"] = *reference;
  auto items = read_line_items(parameters, now);
  session["currency"] = items.currency;
  session["amount_subtotal"] = items.total;
  session["amount_total"] = items.total;
  auto intent_data = taken_object(parameters, "payment_intent_data");
  apply_types(parameters, session, objects::text_of(intent_data, "capture_method") == "manual");
  auto options = taken_object(parameters, "payment_method_options");
  take_unheeded(parameters, session);

  Object plan{now,
              1,
              {{"id", plan_of(session.id())},
               {"object", "checkout.plan"},
               {"items", std::move(items.data)},
               {"intent_data", std::move(intent_data)},
               {"method_options", std::move(options)}}};
  auto intent = intent_parameters(session, plan);
  payment_intents::read_new(intent, now);  // what no intent can be made of is refused at once
  intent.refuse_unknown();
  return {std::move(session), std::move(plan)};
}

Parameters intent_parameters(Object const& session, Object const& plan) {
  Form form = plan.resource.at("intent_data").as_object();
  form["amount"] = std::to_string(session.number("amount_total"));
  form["currency"] = session.text("currency");
  if (auto const customer = session.text("customer"); !customer.empty()) form["customer"] = customer;
  Form types;
  for (auto const& type : session.resource.at("payment_method_types").as_array()) {
    types[std::to_string(types.size())] = type;
  }
  form["payment_method_types"] = std::move(types);
  auto const& options = plan.resource.at("method_options").as_object();
  if (!options.empty()) form["payment_method_options"] = options;
  return Parameters(std::move(form));
}

std::string success_url(Object const& session) {
  auto url = session.text("success_url");
  for (auto at = url.find(session_id_in_url); at != url.npos; at = url.find(session_id_in_url, at)) {
    url.replace(at, session_id_in_url.size(), session.id());
  }
  return url;
}

std::optional<std::string> advance(Object& session, json::Object const& intent) {
  auto const status = objects::text_of(intent, "status");
  bool const paid = status == "succeeded";
  if (session.text("status") == "open") {
    auto const* action = intent.if_contains("next_action");
    bool const has_boleto = status == "requires_action" && action && action->is_object() &&
                            objects::text_of(action->get_object(), "type") == "boleto_display_details";
    if (!paid && !has_boleto && status != "requires_capture" && status != "processing") return std::nullopt;
    session["status"] = "complete";
    session["payment_status"] = paid ? "paid" : "unpaid";
    session["url"] = nullptr;
    return "checkout.session.completed";
  }
  if (session.text("status") != "complete" || session.text("payment_status") != "unpaid") return std::nullopt;
  bool const reserved = objects::text_of(intent, "capture_method") == "manual";
  if (paid) {
    session["payment_status"] = "paid";
    return reserved ? "" : "checkout.session.async_payment_succeeded";
  }
  bool const failed = status == "requires_payment_method" || status == "canceled";
  if (failed && !reserved) return "checkout.session.async_payment_failed";
  return std::nullopt;
}

void expire(Object& session) {
  session["status"] = "expired";
  session["url"] = nullptr;
}

}  // namespace balcao::sandbox::checkout
