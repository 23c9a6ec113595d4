#pragma once

#include <string_view>

#include "platform/json/value.hpp"

namespace balcao {

/// Whether a text holds what looks like a card's number: 13 to 19 digits that pass the Luhn check, in one block or in
/// groups as they stand on a card. A number that begins with `+` is a telephone's; digits inside a longer word, or in
/// groups of another length, belong to an id.
bool has_card_number(std::string_view text);

/// Whether any name, text or number in a document does.
bool holds_card_number(json::Value const& document);

}  // namespace balcao
