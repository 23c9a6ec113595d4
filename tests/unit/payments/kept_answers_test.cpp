#include "payments_fixture.hpp"

namespace balcao::payments::test {
namespace {

// What a client's key answers once the object has changed.

class KeptPaymentAnswers : public PaymentsTest {
 protected:
  KeptAnswer refund(std::int64_t amount, std::string key) {
    return run(service->refunds.create(owner, only_payment().id, amount, std::nullopt, {owner.id.uuid, key, "f"}));
  }
  KeptAnswer pay_later(std::string const& key) {
    NewPayment wanted{.amount = 1000, .currency = "BRL", .pay_with = PayWith{"card", "pm_card_visa", {}}};
    return run(service->payments.create(owner, std::move(wanted), {owner.id.uuid, key, "f"}));
  }
};

TEST_F(KeptPaymentAnswers, APaymentsKeyAnswersAsAtFirstAfterARefund) {
  auto const first = pay("k");
  refund(300, "r");
  EXPECT_NE(only_payment().amount_refunded, 0);
  auto const again = pay("k");
  EXPECT_EQ(again.status, first.status);
  EXPECT_EQ(again.body, first.body);
}

TEST_F(KeptPaymentAnswers, APaymentWhoseAnswerWasLostAnswersTheSameFromThenOn) {
  gateway.after = "confirm";
  EXPECT_THROW(pay("k"), Death);
  start();
  clock.advance(std::chrono::seconds(11));
  auto const first = pay("k");
  refund(300, "r");
  EXPECT_EQ(pay("k").body, first.body);
}

TEST_F(KeptPaymentAnswers, AConfirmationsKeyAnswersAsAtFirstAfterARefund) {
  pay_later("k");
  auto const confirm = [&] {
    return run(service->payments.confirm(owner, only_payment().id, "pm_card_visa", std::nullopt,
                                         KeyedRequest{owner.id.uuid, "c", "f"}));
  };
  auto const first = confirm();
  EXPECT_EQ(first.status, 200);
  refund(300, "r");
  EXPECT_EQ(confirm().body, first.body);
}

TEST_F(KeptPaymentAnswers, ARefundsKeyAnswersAsAtFirstAfterItHasFailed) {
  pay("k");
  auto const first = refund(300, "r");
  auto told = gateway.refunds.begin()->second;
  gateway.on.find_refund = [&](std::string) { return std::optional(told); };
  told.status = GatewayRefund::Status::failed;
  run(service->refunds.refresh(told.id));
  EXPECT_EQ(only_payment().amount_refunded, 0);
  EXPECT_EQ(refund(300, "r").body, first.body);
}

TEST_F(KeptPaymentAnswers, ARefundThatTheGatewayHasRefusedCanBeAskedForAgainWithItsKey) {
  pay("k");
  gateway.failure = [] {
    throw GatewayRefused(GatewayRefused::Reason::request, {.code = "charge_disputed", .message = "No"});
  };
  for (int i = 0; i < 2; ++i) {
    gateway.before = "refund";
    try {
      refund(300, "r");
      FAIL() << "it was made";
    } catch (Problem const& problem) {
      EXPECT_EQ(problem.type().code, "gateway_refused");
    }
  }
  EXPECT_EQ(refund(300, "r").status, 201);
  EXPECT_EQ(only_payment().amount_refunded, 300);
}

TEST_F(KeptPaymentAnswers, OfTwoWritesFromOneVersionTheSecondFails) {
  pay_later("k");
  auto const read = only_payment();
  auto newer = read;
  newer.status = Intent::Status::requires_action;
  run(service->store.apply({PaymentStore::update(newer)}));
  EXPECT_THROW(run(service->store.apply({PaymentStore::update(read)})), db::Error);
  EXPECT_EQ(only_payment().status, Intent::Status::requires_action);
}

TEST_F(KeptPaymentAnswers, OfTwoWritesOfARefundFromOneVersionTheSecondFails) {
  pay("k");
  gateway.failure = [] { throw GatewayUnknown("cut off"); };
  gateway.before = "refund";
  EXPECT_EQ(refund(300, "r").status, 202);
  auto const read = run(service->refund_store.list(only_payment().id, 1, std::nullopt)).at(0);
  auto newer = read;
  newer.status = GatewayRefund::Status::pending;
  newer.gateway_id = "re_1";
  run(service->store.apply({RefundStore::update(newer)}));
  EXPECT_THROW(run(service->store.apply({RefundStore::update(read)})), db::Error);
  EXPECT_EQ(run(service->refund_store.find(read.id))->status, GatewayRefund::Status::pending);
}

TEST_F(KeptPaymentAnswers, ARefundTakesNoMoreThanIsLeft) {
  pay("k");
  EXPECT_EQ(refund(1000, "all").status, 201);
  for (std::int64_t const amount : {1, 1000}) {
    try {
      refund(amount, "more" + std::to_string(amount));
      ADD_FAILURE() << "it was made";
    } catch (Problem const& problem) {
      EXPECT_EQ(problem.type().code, "refund_too_large");
    }
  }
  EXPECT_EQ(only_payment().amount_refunded, 1000);
}

TEST_F(KeptPaymentAnswers, ARefundOfOneMoreThanWasPaidIsRefused) {
  pay("k");
  EXPECT_THROW(refund(1001, "r"), Problem);
  EXPECT_TRUE(gateway.refunds.empty());
}

TEST_F(KeptPaymentAnswers, AnothersPaymentIsNotThere) {
  pay("k");
  Actor const stranger{Id<Owner>::make(clock.now()), false};
  auto const status = [&](Actor const& actor) {
    try {
      run(service->payments.find(actor, only_payment().id));
      return 0;
    } catch (Problem const& problem) {
      return problem.type().status;
    }
  };
  EXPECT_EQ(status(stranger), 404);
  EXPECT_EQ(status(owner), 0);
  EXPECT_EQ(status({stranger.id, true}), 0);
  EXPECT_TRUE(run(service->payments.list(stranger, std::nullopt, 10, std::nullopt)).empty());
}

TEST_F(KeptPaymentAnswers, AKeyBelongsToOneRequest) {
  pay("k");
  NewPayment other{.amount = 2000, .currency = "BRL", .pay_with = PayWith{"card", "pm_card_visa", {}}};
  try {
    run(service->payments.create(owner, std::move(other), {owner.id.uuid, "k", "another request"}));
    FAIL() << "it was answered";
  } catch (Problem const& problem) {
    EXPECT_EQ(problem.type().code, "idempotency_key_reused");
  }
  EXPECT_EQ(gateway.charges, 1);
}

}  // namespace
}  // namespace balcao::payments::test
