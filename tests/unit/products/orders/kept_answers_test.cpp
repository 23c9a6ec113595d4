#include "orders_fixture.hpp"

namespace balcao::products::orders::test {
namespace {

// What a client's key answers once the order has changed.

class KeptOrderAnswers : public OrdersTest {};

TEST_F(KeptOrderAnswers, AnOrdersKeyAnswersAsAtFirstAfterItWasCanceled) {
  auto const product = add(500, 10);
  auto const first = ask(wish({{product, 1}}, false));
  ASSERT_EQ(first.status, 201);
  run(program->orders.cancel(ana, only_order().id));
  ASSERT_EQ(to_string(only_order().status), "canceled");
  auto const again = ask(wish({{product, 1}}, false));
  EXPECT_EQ(again.status, first.status);
  EXPECT_EQ(again.body, first.body);
}

TEST_F(KeptOrderAnswers, APaidOrdersKeyAnswersAsAtFirstAfterItWasGivenBack) {
  auto const product = add(500, 10);
  auto const first = ask(wish({{product, 1}}));
  ASSERT_EQ(first.status, 201);
  run(program->orders.cancel(administrator, only_order().id));
  ASSERT_EQ(to_string(only_order().status), "refunded");
  EXPECT_EQ(ask(wish({{product, 1}})).body, first.body);
}

TEST_F(KeptOrderAnswers, AnOrderThatAnotherHasSettledAnswersTheSameFromThenOn) {
  auto const product = add(500, 10);
  payments.away = 1;
  EXPECT_EQ(ask(wish({{product, 1}})).status, 202);
  recover_after(std::chrono::seconds(60));
  ASSERT_EQ(to_string(only_order().status), "paid");
  auto const first = ask(wish({{product, 1}}));
  EXPECT_EQ(first.status, 201);
  run(program->orders.cancel(administrator, only_order().id));
  EXPECT_EQ(ask(wish({{product, 1}})).body, first.body);
}

TEST_F(KeptOrderAnswers, AnothersOrdersAreNotThere) {
  auto const product = add(500, 10);
  ask(wish({{product, 1}}, false));
  auto const seen_by = [&](Actor const& actor) { return run(program->orders.list(actor, {})).size(); };
  EXPECT_EQ(seen_by(ana), 1U);
  EXPECT_EQ(seen_by(bia), 0U);
  EXPECT_EQ(seen_by(administrator), 1U);
  EXPECT_THROW(run(program->orders.find(bia, only_order().id)), Problem);
}

}  // namespace
}  // namespace balcao::products::orders::test
