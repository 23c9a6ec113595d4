#pragma once

#include "sandbox/payment_intents/machine.hpp"

namespace balcao::sandbox::payment_intents {

/// Why an intent cannot be confirmed as it stands: its state, or no payment method.
std::optional<ApiError> refuse_confirmation(Object const& intent, bool has_method);

/// Why this payment method cannot pay this intent.
std::optional<ApiError> refuse_method(Object const& intent, Object const& method);

/// Why a confirmation by a server needs more: a method that redirects needs somewhere to return to.
std::optional<ApiError> refuse_terms(Object const& intent, Terms const& terms);

}  // namespace balcao::sandbox::payment_intents
