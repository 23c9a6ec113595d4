#include "payments/payment/state.hpp"

#include <gtest/gtest.h>

namespace balcao::payments {
namespace {

using namespace std::chrono_literals;
using enum Intent::Status;

Time const now{std::chrono::hours(24 * 20'000)};
constexpr std::array every{
    requires_payment_method, requires_confirmation, requires_action, processing, requires_capture, canceled, succeeded};

bool is_final(Intent::Status status) { return status == succeeded || status == canceled; }

Intent intent(Intent::Status status) {
  Intent told;
  told.id = "pi_1";
  told.status = status;
  told.amount = 5000;
  told.currency = "BRL";
  if (status == succeeded) {
    told.amount_received = 5000;
    told.charge = Charge{.id = "ch_1", .amount_captured = 5000, .fee = 250};
  }
  return told;
}

Payment payment_in(Intent::Status status) {
  auto payment = new_payment({Uuid::make(now)}, {.amount = 5000, .currency = "BRL"}, now);
  return take_over(std::move(payment), intent(status), now).payment;
}

std::vector<std::string> sources(Change const& change) {
  std::vector<std::string> kinds;
  for (auto const& transfer : change.transfers) kinds.push_back(transfer.source.substr(0, transfer.source.find(':')));
  return kinds;
}

TEST(State, WhatIsFinalStaysAndEverythingElseIsAsTheGatewaySays) {
  for (auto const before : every) {
    for (auto const told : every) {
      auto const change = take_over(payment_in(before), intent(told), now + 1s);
      EXPECT_EQ(change.payment.status, is_final(before) ? before : told) << int(before) << " -> " << int(told);
      if (is_final(before)) EXPECT_FALSE(change.news) << int(before) << " -> " << int(told);
    }
  }
}

TEST(State, MoneyIsBookedWhenAPaymentSucceedsAndAtNoOtherTime) {
  for (auto const before : every) {
    for (auto const told : every) {
      auto const booked = sources(take_over(payment_in(before), intent(told), now + 1s));
      if (is_final(before)) {
        EXPECT_EQ(std::ranges::count(booked, "charge"), 0) << int(before) << " -> " << int(told);
      } else {
        auto const expected =
            told == succeeded ? std::vector<std::string>{"charge", "fee"} : std::vector<std::string>{};
        EXPECT_EQ(booked, expected) << int(before) << " -> " << int(told);
      }
    }
  }
}

TEST(State, TheSameToldAgainIsNoNews) {
  for (auto const status : every) EXPECT_FALSE(take_over(payment_in(status), intent(status), now + 1s).news);
}

TEST(State, WhatWasCapturedInPartIsWhatIsBooked) {
  auto told = intent(succeeded);
  told.amount_received = 3000;
  auto const change = take_over(payment_in(requires_capture), told, now + 1s);
  EXPECT_EQ(change.payment.amount_captured, 3000);
  EXPECT_EQ(change.transfers.front().amount, 3000);
  EXPECT_EQ(change.news, "payment.succeeded");
}

TEST(State, AFeeThatIsKnownLaterIsBookedLater) {
  auto early = intent(succeeded);
  early.charge->fee.reset();
  auto const paid = take_over(payment_in(processing), early, now + 1s);
  EXPECT_EQ(sources(paid), std::vector<std::string>{"charge"});
  EXPECT_EQ(sources(take_over(paid.payment, intent(succeeded), now + 2s)), std::vector<std::string>{"fee"});
}

TEST(State, ADeclineIsKeptUntilTheNextAttempt) {
  auto told = intent(requires_payment_method);
  told.last_error = Decline{"card_declined", "lost_card", "Your card was declined."};
  auto const declined = take_over(payment_in(requires_confirmation), told, now + 1s);
  ASSERT_TRUE(declined.payment.decline);
  EXPECT_EQ(declined.payment.decline->decline_code, "lost_card");
  EXPECT_EQ(declined.news, "payment.declined");
  EXPECT_FALSE(take_over(declined.payment, told, now + 2s).news);
  EXPECT_FALSE(take_over(declined.payment, intent(succeeded), now + 2s).payment.decline);
}

TEST(State, AnIntentOfAnotherPaymentContradicts) {
  auto const payment = payment_in(processing);
  EXPECT_FALSE(contradiction(payment, intent(succeeded)));
  auto other = intent(succeeded);
  other.id = "pi_2";
  EXPECT_TRUE(contradiction(payment, other));
  auto more = intent(succeeded);
  more.amount = 5001;
  EXPECT_TRUE(contradiction(payment, more));
  auto dollars = intent(succeeded);
  dollars.currency = "USD";
  EXPECT_TRUE(contradiction(payment, dollars));
}

TEST(State, OnlyWhatIsNotFinalIsAskedForAgain) {
  for (auto const status : every) {
    auto const payment = payment_in(status);
    EXPECT_EQ(payment.check_at.has_value(), !is_final(status)) << int(status);
    if (is_final(status)) continue;
    EXPECT_EQ(next_check(payment, now + 1min), now + 2min);
    EXPECT_EQ(next_check(payment, now + 1h), now + 1h + 5min);
    EXPECT_EQ(next_check(payment, now + 3h), now + 4h);
  }
}

}  // namespace
}  // namespace balcao::payments
