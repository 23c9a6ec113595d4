#include "payments_fixture.hpp"

namespace balcao::payments {
namespace {

using contracts::Bill;
using contracts::Settlement;
using payments::test::Death;

class OrderPaymentsTest : public payments::test::PaymentsTest {
 protected:
  Settlement pay(std::string const& method = "pm_card_visa") {
    return run(service->orders.pay(bill, {.method = "card", .payment_method = method}, std::nullopt));
  }
  Settlement call_off() { return run(service->orders.call_off(bill)); }
  Settlement give_back(Id<Refund> refund) { return run(service->orders.refund(order, refund)); }
  Id<Refund> new_refund() { return Id<Refund>::make(clock.now()); }
  std::int64_t told() { return ask_number("SELECT COUNT(*) FROM payments.jobs WHERE kind = 'order_changed'"); }
  std::int64_t made() { return ask_number("SELECT COUNT(*) FROM payments.payments"); }
  /// The gateway will not do the next thing of that name.
  void refuse(std::string const& what) {
    gateway.before = what;
    gateway.failure = [] {
      throw GatewayRefused(GatewayRefused::Reason::request, {.status = 400, .code = "nope", .message = "No."});
    };
  }

  Id<Order> const order = Id<Order>::make(clock.now());
  Bill const bill{order.uuid, owner.id.uuid, 3980, "BRL", "Order"};
};

TEST_F(OrderPaymentsTest, AreOneForEachOrderHoweverOftenTheyAreAskedFor) {
  for (int i = 0; i < 3; ++i) {
    auto const paid = pay();
    EXPECT_EQ(paid.payment->status, "succeeded");
    EXPECT_EQ(paid.payment->amount_captured, 3980);
  }
  EXPECT_EQ(gateway.charges, 1);
  EXPECT_EQ(made(), 1);
  EXPECT_EQ(told(), 1);
  EXPECT_EQ(only_payment().order, order);
  EXPECT_EQ(run(service->orders.find(order)).payment->id, only_payment().id.uuid);
  EXPECT_FALSE(run(service->orders.find(Id<Order>::make(clock.now()))).payment);
}

struct Step {
  std::string before;
  std::string after;
};

class OrderPaymentCutOff : public OrderPaymentsTest, public testing::WithParamInterface<Step> {};

TEST_P(OrderPaymentCutOff, IsMadeOnce) {
  gateway.before = GetParam().before;
  gateway.after = GetParam().after;
  EXPECT_THROW(pay(), Death);
  start();
  EXPECT_EQ(pay().payment->status, "unknown");  // the dead one may be at it yet
  clock.advance(std::chrono::seconds(21));
  EXPECT_EQ(pay().payment->status, "succeeded");
  EXPECT_EQ(gateway.charges, 1);
  EXPECT_EQ(gateway.intents.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, OrderPaymentCutOff,
                         testing::Values(Step{"create", ""}, Step{"", "create"}, Step{"confirm", ""},
                                         Step{"", "confirm"}));

TEST_F(OrderPaymentsTest, CanNeverBeMadeOnceTheOrderIsCalledOff) {
  EXPECT_EQ(call_off().payment->status, "canceled");
  EXPECT_EQ(pay().payment->status, "canceled");
  EXPECT_EQ(call_off().payment->status, "canceled");
  EXPECT_EQ(gateway.charges, 0);
  EXPECT_TRUE(gateway.intents.empty());
}

TEST_F(OrderPaymentsTest, ThatAreMadeCannotBeCalledOff) {
  pay();
  EXPECT_EQ(call_off().payment->status, "succeeded");
  EXPECT_EQ(gateway.charges, 1);
}

TEST_F(OrderPaymentsTest, AreMadeOrCalledOffWhenBothAreAskedAtOnce) {
  for (int i = 0; i < 20; ++i) {
    Bill own = bill;
    own.order = Uuid::make(clock.now());
    auto const charges = gateway.charges;
    std::vector<Task<>> both;
    auto const ask = [](Task<Settlement> what) -> Task<> { co_await std::move(what); };
    both.push_back(ask(service->orders.pay(own, {.method = "card", .payment_method = "pm_card_visa"}, std::nullopt)));
    both.push_back(ask(service->orders.call_off(own)));
    if (i % 2 == 1) std::swap(both[0], both[1]);
    for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
    auto const status = run(service->orders.find({own.order})).payment->status;
    EXPECT_TRUE(status == "succeeded" || status == "canceled") << status;
    EXPECT_EQ(gateway.charges - charges, status == "succeeded" ? 1 : 0);
  }
}

TEST_F(OrderPaymentsTest, ThatWereDeclinedAreCanceledAtTheGatewayWhenTheyAreCalledOff) {
  gateway.declines = 1;
  auto const declined = pay();
  EXPECT_EQ(declined.payment->status, "requires_payment_method");
  EXPECT_EQ(declined.payment->decline->decline_code, "generic_decline");
  EXPECT_EQ(call_off().payment->status, "canceled");
  EXPECT_EQ(gateway.intents.begin()->second.status, Intent::Status::canceled);
  EXPECT_EQ(pay().payment->status, "canceled");
}

TEST_F(OrderPaymentsTest, ThatTheGatewayWillNotMakeSaySo) {
  refuse("create");
  auto const refused = pay();
  EXPECT_FALSE(refused.payment);
  EXPECT_EQ(refused.refused->code, "nope");
  EXPECT_EQ(call_off().payment->status, "canceled");
}

TEST_F(OrderPaymentsTest, ThatTheGatewayWillNotConfirmSaySoEachTime) {
  refuse("confirm");
  EXPECT_EQ(pay().refused->code, "nope");
  EXPECT_TRUE(pay().refused);
  EXPECT_EQ(call_off().payment->status, "canceled");
}

TEST_F(OrderPaymentsTest, AreGivenBackOnceForEachRefund) {
  pay();
  auto const refund = new_refund();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(give_back(refund).payment->amount_refunded, 3980);
  EXPECT_EQ(give_back(new_refund()).payment->amount_refunded, 3980);
  EXPECT_EQ(gateway.refunds.size(), 1U);
  EXPECT_EQ(told(), 2);
  EXPECT_EQ(booked("gateway"), 3980 - 40 - 3980);
}

TEST_F(OrderPaymentsTest, AreGivenBackOnceThoughTheProgramDies) {
  pay();
  auto const refund = new_refund();
  for (auto* const when : {&gateway.before, &gateway.after}) {
    *when = "refund";
    EXPECT_THROW(give_back(refund), Death);
    start();
  }
  auto const settled = give_back(refund);
  EXPECT_EQ(settled.payment->amount_refunded, 3980);
  EXPECT_FALSE(settled.payment->refund_pending);
  EXPECT_EQ(gateway.refunds.size(), 1U);
}

TEST_F(OrderPaymentsTest, AreGivenBackByAdministratorsAlone) {
  pay();
  auto const payment = only_payment().id;
  KeyedRequest const request{owner.id.uuid, "r", "f"};
  EXPECT_EQ(status(service->refunds.create(owner, payment, std::nullopt, std::nullopt, request)), 403);
  Actor const administrator{owner.id, true};
  EXPECT_EQ(run(service->refunds.create(administrator, payment, std::nullopt, std::nullopt, request)).status, 201);
}

}  // namespace
}  // namespace balcao::payments
