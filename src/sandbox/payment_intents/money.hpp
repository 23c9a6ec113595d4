#pragma once

#include <cstdint>
#include <string>

#include "sandbox/transport/parameters.hpp"

namespace balcao::sandbox::payment_intents {

/// `currency`, an ISO 4217 code in either case; gives it in lower case.
std::string read_currency(Parameters& parameters);

/// `amount`, in the currency's minor unit. Throws `amount_too_small` (less than 50) and `amount_too_large` (more than
/// eight digits).
std::int64_t read_amount(Parameters& parameters, std::string_view currency);

}  // namespace balcao::sandbox::payment_intents
