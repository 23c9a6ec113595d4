#pragma once

#include <optional>
#include <string>

#include "sandbox/objects/object.hpp"
#include "sandbox/payment_methods/test_cards.hpp"
#include "sandbox/transport/parameters.hpp"

namespace balcao::sandbox::payment_methods {

/// A new payment method with a test card.
objects::Object from_card(TestCard const& card, Time now);

/// A new payment method as `type`, `card[token]`, `boleto[tax_id]` and `billing_details` describe it: what POST
/// /v1/payment_methods and `payment_method_data` take. Throws 400 `parameter_missing` for a boleto without what a
/// boleto says: a tax id, a name, an e-mail address and an address.
objects::Object from_parameters(Parameters& parameters, Time now);

/// `billing_details` of an update: what is named is changed.
void apply_billing_details(Parameters& parameters, json::Object& method);

/// The card of a payment method, nullptr for other types.
TestCard const* card_of(objects::Object const& method);

/// What a request says to pay with: a payment method's id, or a new one out of a test card's id or
/// `payment_method_data`.
struct Choice {
  std::optional<std::string> id;
  std::optional<objects::Object> made;

  explicit operator bool() const { return id || made; }
};

/// Takes `payment_method` and `payment_method_data`.
Choice read_choice(Parameters& parameters, Time now);

}  // namespace balcao::sandbox::payment_methods
