#include "payments/payment/state.hpp"

#include "payments/payment/words.hpp"

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;

/// What integrators hear when a payment has come into a state.
std::optional<std::string> news_of(Payment const& payment, bool declined_anew) {
  using enum Intent::Status;
  switch (payment.status) {
    case requires_payment_method:
      return declined_anew ? std::optional<std::string>("payment.declined") : std::nullopt;
    case requires_confirmation:
      return std::nullopt;
    default:
      return "payment." + std::string(status_words.word(payment.status));
  }
}

}  // namespace

std::optional<std::string> contradiction(Payment const& payment, Intent const& intent) {
  if (payment.gateway_id && *payment.gateway_id != intent.id) return "another intent: " + intent.id;
  if (payment.amount != intent.amount) return "another amount: " + std::to_string(intent.amount);
  if (payment.currency != intent.currency) return "another currency: " + intent.currency;
  return std::nullopt;
}

Change take_over(Payment payment, Intent const& intent, Time now) {
  std::vector<Transfer> transfers;
  auto const book = [&](std::string_view what, std::string_view debit, std::string_view credit, std::int64_t amount) {
    transfers.push_back(
        {payment.id, std::string(what) + ":" + payment.id.str(), debit, credit, amount, payment.currency});
  };
  auto const book_fee = [&] {
    if (intent.charge && intent.charge->fee) book("fee", accounts::fees, accounts::gateway, *intent.charge->fee);
  };
  if (payment.is_final()) {
    if (payment.status == Intent::Status::succeeded && intent.status == Intent::Status::succeeded) book_fee();
    return {std::move(payment), std::move(transfers), std::nullopt};
  }

  auto const before = payment.status;
  bool const declined_before = payment.decline.has_value();
  payment.gateway_id = intent.id;
  payment.status = intent.status;
  if (intent.method) payment.method = intent.method;
  payment.next_action = intent.status == Intent::Status::requires_action ? intent.next_action : std::nullopt;
  payment.decline = intent.status == Intent::Status::requires_payment_method ? intent.last_error : std::nullopt;
  payment.updated_at = now;
  if (intent.status == Intent::Status::succeeded) {
    payment.amount_captured = intent.amount_received;
    book("charge", accounts::gateway, accounts::sales, payment.amount_captured);
    book_fee();
  }
  payment.check_at = next_check(payment, now);
  bool const declined_anew = payment.decline && (!declined_before || before != payment.status);
  bool const changed = payment.status != before || declined_anew;
  auto news = changed ? news_of(payment, declined_anew) : std::nullopt;
  return {std::move(payment), std::move(transfers), std::move(news)};
}

std::optional<Time> next_check(Payment const& payment, Time now) {
  if (payment.is_final() || !payment.gateway_id) return std::nullopt;
  auto const age = now - payment.created_at;
  if (age < 10min) return now + 1min;
  if (age < 2h) return now + 5min;
  return now + 60min;
}

}  // namespace balcao::payments
