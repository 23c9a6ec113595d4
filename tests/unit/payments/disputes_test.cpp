#include "payments/disputes/disputes.hpp"

#include "payments_fixture.hpp"

namespace balcao::payments::test {
namespace {

class DisputesTest : public PaymentsTest {
 protected:
  /// What the gateway says of the dispute from now on; asked for once.
  void comes_to(std::string status) {
    gateway.on.find_dispute = [this, status](std::string) {
      return std::optional(GatewayDispute{.id = "dp_1",
                                          .status = status,
                                          .reason = "fraudulent",
                                          .amount = 1000,
                                          .currency = "BRL",
                                          .intent = "pi_1",
                                          .created_at = clock.now()});
    };
    run(disputes.refresh("dp_1"));
  }

  DisputeStore store{*database};
  Disputes disputes{{store, service->store, service->payments, gateway, service->messages, *database, clock}};
};

TEST_F(DisputesTest, MoneyThatTheBankTakesBackIsBookedFromTheGatewayToTheDisputes) {
  pay();
  auto const before = booked("gateway");
  comes_to("needs_response");
  EXPECT_EQ(booked("disputes"), 1000);
  EXPECT_EQ(booked("gateway"), before - 1000);
  comes_to("lost");
  EXPECT_EQ(booked("disputes"), 1000);
  EXPECT_EQ(booked("gateway"), before - 1000);
}

TEST_F(DisputesTest, MoneyOfADisputeThatIsWonIsBookedBack) {
  pay();
  auto const before = booked("gateway");
  comes_to("needs_response");
  comes_to("won");
  EXPECT_EQ(booked("disputes"), 0);
  EXPECT_EQ(booked("gateway"), before);
  EXPECT_EQ(booked("sales"), -1000);
}

TEST_F(DisputesTest, WhatIsWonBeforeItWasHeardOfIsBookedBothWays) {
  pay();
  comes_to("won");
  EXPECT_EQ(booked("disputes"), 0);
  EXPECT_EQ(ask_number("SELECT count(*) FROM payments.ledger WHERE source LIKE 'dispute%' AND "
                       "((debit_account = 'disputes' AND credit_account = 'gateway' AND source = 'dispute:dp_1') OR "
                       "(debit_account = 'gateway' AND credit_account = 'disputes' AND source = 'dispute_won:dp_1'))"),
            2);
}

}  // namespace
}  // namespace balcao::payments::test
