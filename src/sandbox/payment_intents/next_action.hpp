#pragma once

#include "sandbox/payment_intents/machine.hpp"

namespace balcao::sandbox::payment_intents {

/// What the customer has to do: authenticate with the bank (a redirect where there is somewhere to return to), scan a
/// Pix, pay a boleto. The pages for it are the sandbox's own.
json::Object next_action(Object const& intent, Object const& method, std::optional<std::string> const& return_url,
                         Setting const& setting);

/// When a Pix or a boleto that is waited for is over, in unix seconds; nothing where none is.
std::optional<std::int64_t> expires_at(Object const& intent);

}  // namespace balcao::sandbox::payment_intents
