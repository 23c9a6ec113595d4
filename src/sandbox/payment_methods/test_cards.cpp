#include "sandbox/payment_methods/test_cards.hpp"

#include <algorithm>
#include <array>

namespace balcao::sandbox::payment_methods {
namespace {

using enum Behaviour;

constexpr std::string_view declined = "Your card was declined.";

constexpr std::array<TestCard, 24> cards{{
    {"pm_card_visa", "visa", "4242", approves},
    {"pm_card_visa_debit", "visa", "5556", approves},
    {"pm_card_mastercard", "mastercard", "4444", approves},
    {"pm_card_mastercard_debit", "mastercard", "8210", approves},
    {"pm_card_mastercard_prepaid", "mastercard", "5100", approves},
    {"pm_card_amex", "amex", "0005", approves},
    {"pm_card_discover", "discover", "1117", approves},
    {"pm_card_br", "visa", "0026", approves},
    {"pm_card_bypassPending", "visa", "0077", approves},
    {"pm_card_threeDSecureOptional", "visa", "3055", approves},
    {"pm_card_visa_chargeDeclined", "visa", "0002", declines, "card_declined", "generic_decline", declined},
    {"pm_card_visa_chargeDeclinedInsufficientFunds", "visa", "9995", declines, "card_declined", "insufficient_funds",
     "Your card has insufficient funds."},
    {"pm_card_visa_chargeDeclinedLostCard", "visa", "9987", declines, "card_declined", "lost_card", declined},
    {"pm_card_visa_chargeDeclinedStolenCard", "visa", "9979", declines, "card_declined", "stolen_card", declined},
    {"pm_card_visa_chargeDeclinedFraudulent", "visa", "0019", declines, "card_declined", "fraudulent", declined},
    {"pm_card_chargeDeclinedExpiredCard", "visa", "0069", declines, "expired_card", "expired_card",
     "Your card has expired."},
    {"pm_card_chargeDeclinedIncorrectCvc", "visa", "0127", declines, "incorrect_cvc", "incorrect_cvc",
     "Your card's security code is incorrect."},
    {"pm_card_chargeDeclinedProcessingError", "visa", "0119", declines, "processing_error", "processing_error",
     "An error occurred while processing your card. Try again in a little bit."},
    {"pm_card_authenticationRequired", "visa", "3184", authenticates},
    {"pm_card_threeDSecure2Required", "visa", "3220", authenticates},
    {"pm_card_threeDSecureRequired", "visa", "3063", authenticates},
    {"pm_card_createDispute", "visa", "0259", is_disputed},
    {"pm_card_pendingRefund", "visa", "7726", refunds_slowly},
    {"pm_card_refundFail", "visa", "5126", refund_fails},
}};

template <class Fits>
TestCard const* find(Fits fits) {
  auto const found = std::ranges::find_if(cards, fits);
  return found == cards.end() ? nullptr : &*found;
}

/// `pm_card_chargeDeclined` and `pm_card_visa_chargeDeclined` are the same card.
bool names(TestCard const& card, std::string_view name) {
  auto known = card.id.substr(std::string_view("pm_card_").size());
  if (known == name) return true;
  constexpr std::string_view brand = "visa_";
  return known.starts_with(brand) && known.substr(brand.size()) == name && name.starts_with("charge");
}

}  // namespace

TestCard const* find_card(std::string_view id) {
  constexpr std::string_view prefix = "pm_card_";
  if (!id.starts_with(prefix)) return nullptr;
  return find([name = id.substr(prefix.size())](TestCard const& card) { return names(card, name); });
}

TestCard const* find_card_by_token(std::string_view token) {
  constexpr std::string_view prefix = "tok_";
  if (!token.starts_with(prefix)) return nullptr;
  return find([name = token.substr(prefix.size())](TestCard const& card) { return names(card, name); });
}

TestCard const* find_card_by_last4(std::string_view last4) {
  return find([last4](TestCard const& card) { return card.last4 == last4; });
}

}  // namespace balcao::sandbox::payment_methods
