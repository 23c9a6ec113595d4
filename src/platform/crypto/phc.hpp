#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Reading password hashes, piece by piece: a reader takes what it knows from the front of the text.
namespace balcao::crypto::phc {

/// Takes `expected` if the text begins with it.
bool take(std::string_view& text, std::string_view expected);

/// Takes what stands before `end`, and `end`; everything if there is none.
std::string_view take_until(std::string_view& text, char end);

/// Takes a decimal number without leading zeros, from 1 to `highest`.
bool take_number(std::string_view& text, std::uint32_t highest, std::uint32_t& number);

/// base64 (RFC 4648 §4) without its padding, as the PHC string format has it; as strict as `from_base64`.
std::string to_unpadded_base64(std::string_view bytes);
std::optional<std::string> from_unpadded_base64(std::string_view text);

}  // namespace balcao::crypto::phc
