#pragma once

#include <optional>
#include <string_view>

#include "platform/json/value.hpp"
#include "platform/problem.hpp"

namespace balcao {

/// Whether a text holds what looks like a card's number: 13 to 19 digits that pass the Luhn check, in one block or in
/// groups as they stand on a card. A number that begins with `+` is a telephone's; digits inside a longer word, or in
/// groups of another length, belong to an id.
bool has_card_number(std::string_view text);

/// Whether any name, text or number in a document does.
bool holds_card_number(json::Value const& document);

namespace problems {

inline constexpr ProblemType card_number_refused{422, "card_number_refused", "A card's number must not be sent here",
                                                 "O número de um cartão não pode ser enviado aqui"};

}  // namespace problems

/// For the screen of endpoints at which no card's number gets in, however it is written.
std::optional<Problem> refuse_card_number(json::Value const& document);

}  // namespace balcao
