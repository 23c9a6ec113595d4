#pragma once

#include <cstdint>
#include <string>

#include "platform/runtime/clock.hpp"
#include "sandbox/transport/parameters.hpp"

namespace balcao::sandbox::checkout {

/// What is sold, as the API shows it, and what it comes to in the currency's minor unit.
struct LineItems {
  json::Array data;
  std::string currency;
  std::int64_t total = 0;
};

/// Takes `line_items`, of which each says its price itself (`price_data`), all in one currency. Throws for none, more
/// than 100, and a sum of more than eight digits.
LineItems read_line_items(Parameters& parameters, Time now);

}  // namespace balcao::sandbox::checkout
