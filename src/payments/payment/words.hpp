#pragma once

#include <array>
#include <stdexcept>
#include <string_view>

#include "payments/payment/model.hpp"

namespace balcao::payments {

/// The words of an enumeration, in its order.
template <class Enum, std::size_t Size>
struct Words {
  std::array<std::string_view, Size> words;

  constexpr std::string_view word(Enum value) const { return words.at(static_cast<std::size_t>(value)); }
  /// Throws std::invalid_argument for a word that is none of them: what the schema does not hold.
  Enum read(std::string_view word) const {
    for (std::size_t i = 0; i < Size; ++i) {
      if (words[i] == word) return static_cast<Enum>(i);
    }
    throw std::invalid_argument("an unknown word: " + std::string(word));
  }
};

inline constexpr Words<Attempt::Kind, 4> kind_words{{"create", "confirm", "capture", "cancel"}};
inline constexpr Words<Attempt::Outcome, 4> outcome_words{{"done", "declined", "refused", "abandoned"}};
inline constexpr Words<Payment::Capture, 2> capture_words{{"automatic", "manual"}};
inline constexpr Words<Intent::Status, 7> status_words{{"requires_payment_method", "requires_confirmation",
                                                        "requires_action", "processing", "requires_capture", "canceled",
                                                        "succeeded"}};
inline constexpr Words<GatewayRefund::Status, 5> refund_words{
    {"pending", "requires_action", "succeeded", "failed", "canceled"}};

}  // namespace balcao::payments
