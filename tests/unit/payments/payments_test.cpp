#include "payments_fixture.hpp"

namespace balcao::payments::test {
namespace {

using namespace std::chrono_literals;

void cut_off() { throw GatewayUnknown("cut off"); }
void refuse() {
  throw GatewayRefused(GatewayRefused::Reason::request, {.code = "amount_too_small", .message = "Too small"});
}

/// Where a payment can be cut off: before or after which call is executed.
struct Cut {
  char const* call;
  bool executed;
};

class PaymentCutOff : public PaymentsTest, public testing::WithParamInterface<Cut> {
 protected:
  void cut() { (GetParam().executed ? gateway.after : gateway.before) = GetParam().call; }
};

INSTANTIATE_TEST_SUITE_P(AtEachStep, PaymentCutOff,
                         testing::Values(Cut{"create", false}, Cut{"create", true}, Cut{"confirm", false},
                                         Cut{"confirm", true}),
                         [](auto const& cut) {
                           return std::string(cut.param.call) + (cut.param.executed ? "Executed" : "NotExecuted");
                         });

TEST_P(PaymentCutOff, IsChargedOnceWhenTheProcessDiesAndTheClientAsksAgain) {
  cut();
  EXPECT_THROW(pay(), Death);
  start();
  clock.advance(11s);  // the lease of the process that died
  auto const answer = pay();
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(pay().body, answer.body);
  EXPECT_EQ(gateway.charges, 1);
  EXPECT_EQ(gateway.intents.size(), 1U);
  EXPECT_EQ(booked("sales"), -1000);
  EXPECT_EQ(booked("gateway"), 960);
}

TEST_P(PaymentCutOff, IsSeenThroughByRecoveryWhenNobodyAsksAgain) {
  cut();
  EXPECT_THROW(pay(), Death);
  start();
  EXPECT_EQ(status_of(only_payment()), "unknown");
  clock.advance(21s);
  run(service->payments.recover());
  EXPECT_EQ(status_of(only_payment()), "succeeded");
  EXPECT_EQ(gateway.charges, 1);
  EXPECT_EQ(pay().status, 201);
}

TEST_P(PaymentCutOff, IsUnknownAndNotFailedWhenTheLineIsCut) {
  gateway.failure = cut_off;
  cut();
  auto const answer = pay();
  EXPECT_EQ(answer.status, 202);
  EXPECT_NE(answer.body.find(R"("status":"unknown")"), answer.body.npos) << answer.body;
  EXPECT_EQ(pay().status, 201);
  EXPECT_EQ(gateway.charges, 1);
}

TEST_P(PaymentCutOff, IsNotSentAgainOnceTheGatewayMayHaveForgottenTheKey) {
  cut();
  EXPECT_THROW(pay(), Death);
  start();
  gateway.answers.clear();
  clock.advance(24h);
  run(service->payments.recover());
  bool const charged = std::string_view(GetParam().call) == "confirm" && GetParam().executed;
  EXPECT_EQ(gateway.charges, charged ? 1 : 0);
  EXPECT_LE(gateway.intents.size(), 1U);
  EXPECT_NE(status_of(only_payment()), "unknown");
}

TEST_F(PaymentsTest, WhatTheGatewayRefusesHasNeverBeen) {
  gateway.failure = refuse;
  gateway.before = "create";
  EXPECT_THROW(pay(), Problem);
  EXPECT_EQ(ask_number("SELECT count(*) FROM payments.payments"), 0);
  EXPECT_EQ(ask_number("SELECT count(*) FROM payments.idempotency_keys"), 0);
  EXPECT_EQ(pay().status, 201);
}

TEST_F(PaymentsTest, ADeclineIsKeptUnderItsKeyAndTheNextCardHasOneOfItsOwn) {
  gateway.declines = 1;
  EXPECT_EQ(pay().status, 402);
  EXPECT_EQ(pay().status, 402);
  EXPECT_EQ(gateway.charges, 0);
  auto const confirmed =
      run(service->payments.confirm(owner, only_payment().id, "pm_card_visa", std::nullopt, std::nullopt));
  EXPECT_EQ(confirmed.status, 200);
  EXPECT_EQ(gateway.charges, 1);
}

TEST_F(PaymentsTest, ADeclineWhoseAnswerWasLostIsADecline) {
  gateway.declines = 1;
  gateway.after = "confirm";
  EXPECT_THROW(pay(), Death);
  start();
  clock.advance(11s);
  EXPECT_EQ(pay().status, 402);
  EXPECT_EQ(gateway.charges, 0);
}

TEST_F(PaymentsTest, WhileOneIsUnderWayAnotherOperationWaits) {
  gateway.after = "confirm";
  EXPECT_THROW(pay(), Death);
  try {
    run(service->payments.cancel(owner, only_payment().id, std::nullopt));
    FAIL() << "it was canceled";
  } catch (Problem const& problem) {
    EXPECT_EQ(problem.type().code, "payment_busy");
  }
}

TEST_F(PaymentsTest, AnEventMayComeBeforeOurOwnAnswer) {
  gateway.after = "confirm";
  EXPECT_THROW(pay(), Death);
  start();
  EXPECT_FALSE(run(service->payments.refresh("pi_1"))) << "a request is about to say so itself";
  clock.advance(21s);
  EXPECT_TRUE(run(service->payments.refresh("pi_1")));
  EXPECT_EQ(status_of(only_payment()), "succeeded");
  EXPECT_EQ(booked("sales"), -1000);
}

TEST_F(PaymentsTest, TheDatabaseKeepsWhatIsFinal) {
  pay();
  EXPECT_THROW(ask_number("UPDATE payments.payments SET status = 'canceled', amount_captured = 0 RETURNING 1"),
               std::exception);
  EXPECT_THROW(ask_number("UPDATE payments.payments SET amount_refunded = 1001 RETURNING 1"), std::exception);
  EXPECT_THROW(ask_number("UPDATE payments.ledger SET amount = 1 RETURNING 1"), std::exception);
  EXPECT_THROW(ask_number("DELETE FROM payments.ledger RETURNING 1"), std::exception);
}

TEST_F(PaymentsTest, ARefundWhoseAnswerWasLostIsMadeOnce) {
  pay();
  auto const payment = only_payment().id;
  auto const refund = [&] {
    return run(service->refunds.create(owner, payment, 300, std::nullopt, {owner.id.uuid, "r", "f"}));
  };
  for (auto* const when : {&gateway.before, &gateway.after}) {
    *when = "refund";
    EXPECT_THROW(refund(), Death);
    start();
    clock.advance(11s);
  }
  EXPECT_EQ(refund().status, 201);
  EXPECT_EQ(gateway.refunds.size(), 1U);
  EXPECT_EQ(booked("refunds"), 300);
  EXPECT_EQ(only_payment().amount_refunded, 300);
}

TEST_F(PaymentsTest, ARefundThatFailsLaterIsTakenBack) {
  pay();
  auto const payment = only_payment().id;
  run(service->refunds.create(owner, payment, 300, std::nullopt, {owner.id.uuid, "r", "f"}));
  auto told = gateway.refunds.begin()->second;
  gateway.on.find_refund = [&](std::string) { return std::optional(told); };
  told.status = GatewayRefund::Status::failed;
  run(service->refunds.refresh(told.id));
  told.status = GatewayRefund::Status::succeeded;  // an older answer that comes later
  run(service->refunds.refresh(told.id));
  EXPECT_EQ(booked("refunds"), 0);
  EXPECT_EQ(only_payment().amount_refunded, 0);
}

}  // namespace
}  // namespace balcao::payments::test
