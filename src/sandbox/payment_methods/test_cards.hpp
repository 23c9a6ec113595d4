#pragma once

#include <string_view>

namespace balcao::sandbox::payment_methods {

/// What a card does when it is charged.
enum class Behaviour { approves, declines, authenticates, is_disputed, refunds_slowly, refund_fails };

/// A test card of https://docs.stripe.com/testing. No two have the same last four digits, so a charge, which shows no
/// more of the number, still says which card it was.
struct TestCard {
  std::string_view id;  ///< the payment method that stands for it
  std::string_view brand;
  std::string_view last4;
  Behaviour behaviour;
  std::string_view code{};          ///< of the error, where it declines
  std::string_view decline_code{};  ///< what the bank says
  std::string_view message{};
};

/// nullptr if there is none.
TestCard const* find_card(std::string_view id);
TestCard const* find_card_by_last4(std::string_view last4);
/// `tok_visa` stands for the card of `pm_card_visa`.
TestCard const* find_card_by_token(std::string_view token);

}  // namespace balcao::sandbox::payment_methods
