#include "sandbox/payment_intents/options.hpp"

#include <algorithm>
#include <limits>

#include "sandbox/transport/api_error.hpp"

namespace balcao::sandbox::payment_intents {
namespace {

using objects::Object;

constexpr std::int64_t longest_pix = 1'209'600;
constexpr std::int64_t longest_boleto = 60;

json::Object default_options(std::string_view type) {
  if (type == "boleto") return {{"expires_after_days", 3}};
  if (type == "pix") return {{"expires_after_seconds", nullptr}, {"expires_at", nullptr}};
  return {{"installments", nullptr},
          {"mandate_options", nullptr},
          {"network", nullptr},
          {"request_three_d_secure", "automatic"}};
}

json::Array types_for(std::string_view currency) {
  json::Array types;
  types.emplace_back("card");
  if (currency == "brl") {
    types.emplace_back("boleto");
    types.emplace_back("pix");
  }
  return types;
}

json::Array read_types(Parameters& parameters) {
  json::Array types;
  for (auto const& type : parameters.texts("payment_method_types")) {
    if (type != "card" && type != "boleto" && type != "pix") {
      throw ApiError::invalid(
          "The payment method type provided: " + type + " is invalid. The sandbox knows card, boleto and pix.",
          "payment_method_types", "payment_intent_invalid_parameter");
    }
    types.emplace_back(type);
  }
  return types;
}

void apply_card(Parameters options, json::Object& card) {
  auto const secure = options.choice("request_three_d_secure", {"any", "automatic", "challenge"});
  if (secure && secure->is_string()) card["request_three_d_secure"] = *secure;
  if (auto const network = options.text("network")) card["network"] = *network;
  for (auto const* name : {"capture_method", "cvc_token", "setup_future_usage", "statement_descriptor_suffix_kana",
                           "statement_descriptor_suffix_kanji"}) {
    options.text(name);
  }
  for (auto const* name : {"installments", "mandate_options"}) {
    if (!options.take_unset(name)) options.object(name);
  }
  options.refuse_unknown();
}

void apply_pix(Parameters options, json::Object& pix) {
  auto const seconds = options.integer("expires_after_seconds", 10, longest_pix);
  auto const moment = options.integer("expires_at", 0, std::numeric_limits<std::int32_t>::max());
  if (seconds && moment) {
    throw ApiError::invalid("You may only specify one of these parameters: expires_after_seconds, expires_at.",
                            options.full_name("expires_at"));
  }
  if (seconds) pix["expires_after_seconds"] = *seconds;
  if (moment) pix["expires_at"] = *moment;
  options.choice("setup_future_usage", {"none"});
  options.refuse_unknown();
}

void apply_boleto(Parameters options, json::Object& boleto) {
  if (auto const days = options.integer("expires_after_days", 0, longest_boleto)) boleto["expires_after_days"] = *days;
  options.choice("setup_future_usage", {"none", "off_session", "on_session"});
  options.refuse_unknown();
}

}  // namespace

void apply_types(Parameters& parameters, Object& intent) {
  auto types = read_types(parameters);
  auto automatic = parameters.object("automatic_payment_methods");
  bool enabled = types.empty();
  json::Value redirects = "always";
  if (automatic) {
    enabled = automatic->boolean("enabled").value_or(false);
    redirects = automatic->choice("allow_redirects", {"always", "never"}).value_or("always");
    automatic->refuse_unknown();
  }
  if (enabled && !types.empty()) {
    throw ApiError::invalid(
        "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
        "automatic_payment_methods");
  }
  intent["automatic_payment_methods"] = nullptr;
  if (enabled) intent["automatic_payment_methods"] = {{"allow_redirects", redirects}, {"enabled", true}};
  if (types.empty() && enabled) types = types_for(intent.text("currency"));
  if (types.empty()) types.emplace_back("card");
  json::Object options;
  for (auto const& type : types) options[type.as_string()] = default_options(type.as_string());
  intent["payment_method_options"] = std::move(options);
  intent["payment_method_types"] = std::move(types);
}

void apply_options(Parameters& parameters, Object& intent) {
  auto sent = parameters.object("payment_method_options");
  if (!sent) return;
  auto& options = intent["payment_method_options"].as_object();
  auto const options_of = [&](std::string_view type) -> json::Object& {
    if (!options.contains(type)) options[type] = default_options(type);
    return options[type].as_object();
  };
  if (auto card = sent->object("card")) apply_card(std::move(*card), options_of("card"));
  if (auto pix = sent->object("pix")) apply_pix(std::move(*pix), options_of("pix"));
  if (auto boleto = sent->object("boleto")) apply_boleto(std::move(*boleto), options_of("boleto"));
  sent->refuse_unknown();
}

}  // namespace balcao::sandbox::payment_intents
