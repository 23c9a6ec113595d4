#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/runtime/clock.hpp"

namespace balcao::sandbox::payment_intents {

/// A boleto's typeable line (FEBRABAN): 47 digits, of which the first three fields end in a check digit of modulo 10
/// and the fifth group carries the check digit of modulo 11, the due date and the amount in centavos. `id` fills the
/// bank's free field.
std::string boleto_number(std::int64_t amount, Time due, std::string_view id);

}  // namespace balcao::sandbox::payment_intents
