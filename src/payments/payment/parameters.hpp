#pragma once

#include "payments/payment/model.hpp"

namespace balcao::payments {

/// What a new attempt is to do, as it is kept until it is settled.

json::Object creation(NewPayment const& wanted, std::optional<std::string> const& customer);
json::Object confirmation(std::optional<std::string> const& payment_method,
                          std::optional<std::string> const& return_url);
json::Object capturing(std::optional<std::int64_t> amount);

/// And read again.

NewIntent intent_to_create(Payment const& payment, json::Object const& creation);
/// The confirmation that follows a creation, if it is wanted.
std::optional<json::Object> confirmation_after(json::Object const& creation);
std::optional<std::string> text_in(json::Object const& parameters, std::string_view name);
std::optional<std::int64_t> number_in(json::Object const& parameters, std::string_view name);

}  // namespace balcao::payments
