#include "sandbox/payment_intents/conditions.hpp"

#include <algorithm>

namespace balcao::sandbox::payment_intents {
namespace {

std::string joined(json::Array const& names) {
  std::string list;
  for (auto const& name : names) list.append(list.empty() ? "" : ", ").append(name.as_string());
  return list;
}

}  // namespace

std::optional<ApiError> refuse_confirmation(Object const& intent, bool has_method) {
  auto const status = intent.text("status");
  if (status != "requires_payment_method" && status != "requires_confirmation") {
    return unexpected_state(intent, "confirm");
  }
  if (has_method) return std::nullopt;
  return ApiError::invalid(
             "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
             "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
             "payment method.",
             {}, "payment_intent_unexpected_state")
      .with_member("payment_intent", intent.resource);
}

std::optional<ApiError> refuse_method(Object const& intent, Object const& method) {
  auto const type = method.text("type");
  auto const& types = intent.resource.at("payment_method_types").as_array();
  if (std::ranges::find(types, json::Value(type)) == types.end()) {
    return ApiError::invalid("The PaymentMethod provided (" + type +
                                 ") is not allowed for this PaymentIntent. Please attach a PaymentMethod of one of the "
                                 "following types: " +
                                 joined(types) + ".",
                             "payment_method", "payment_intent_incompatible_payment_method");
  }
  if (type != "card" && intent.text("currency") != "brl") {
    return ApiError::invalid("The currency provided (" + intent.text("currency") + ") is invalid for " + type +
                                 ". Payments with " + type + " support the following currencies: brl.",
                             "currency", "invalid_currency");
  }
  if (type != "card" && intent.text("capture_method") == "manual") {
    return ApiError::invalid("The payment method type " + type + " does not support manual capture.", "capture_method",
                             "payment_intent_incompatible_payment_method");
  }
  auto const owner = method.text("customer");
  if (!owner.empty() && owner != intent.text("customer")) {
    return ApiError::invalid("The PaymentMethod provided belongs to Customer " + owner +
                                 ". Please include the Customer in the `customer` parameter of the PaymentIntent.",
                             "payment_method");
  }
  return std::nullopt;
}

std::optional<ApiError> refuse_terms(Object const& intent, Terms const& terms) {
  auto const* automatic = intent.resource.if_contains("automatic_payment_methods");
  bool const may_redirect =
      automatic && automatic->is_object() && objects::text_of(automatic->get_object(), "allow_redirects") == "always";
  if (!may_redirect || terms.return_url) return std::nullopt;
  return ApiError::invalid(
      "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these "
      "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't "
      "want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and "
      "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
      "return_url");
}

}  // namespace balcao::sandbox::payment_intents
