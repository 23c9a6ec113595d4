#pragma once

#include <string_view>

namespace balcao::crypto {

/// Whether a password is among the first 10,000 that a guesser would try (zxcvbn's dictionaries and patterns). Takes up
/// to a few milliseconds: run it on the CPU workers.
bool is_common_password(std::string_view password);

}  // namespace balcao::crypto
