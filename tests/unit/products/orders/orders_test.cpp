#include "orders_fixture.hpp"

namespace balcao::products::orders {
namespace {

using namespace std::chrono_literals;
using balcao::products::orders::test::OrdersTest;
using Status = Order::Status;

TEST_F(OrdersTest, ArePaidAtOnceAndKeepWhatTheyName) {
  auto const coffee = add(1990, 5);
  auto const tea = add(500, std::nullopt);
  auto const answer = ask(wish({{tea, 3}, {coffee, 2}}));
  EXPECT_EQ(answer.status, 201);
  auto const order = only_order();
  EXPECT_EQ(order.status, Status::paid);
  EXPECT_EQ(order.total, 2 * 1990 + 3 * 500);
  ASSERT_EQ(order.items.size(), 2U);
  EXPECT_EQ(order.items.front().product_id, coffee);  // by product, whatever was asked first
  EXPECT_EQ(order.items.front().unit_price, 1990);
  EXPECT_EQ(stock_of(coffee), 3);
  EXPECT_EQ(stock_of(tea), std::nullopt);
  EXPECT_FALSE(order.due_at);
  EXPECT_FALSE(order.payment);
  EXPECT_EQ(program->written, 1);  // what is not counted does not change

  EXPECT_EQ(ask(wish({{tea, 3}, {coffee, 2}})).body, answer.body);
  EXPECT_EQ(payments.asked_to_pay, 1);
  EXPECT_EQ(stock_of(coffee), 3);
}

TEST_F(OrdersTest, TakeNothingWhereOnePieceIsMissing) {
  auto const coffee = add(1990, 5);
  auto const cup = add(500, 1);
  EXPECT_EQ(status(program->orders.create(ana, wish({{coffee, 1}, {cup, 2}}), {ana.id.uuid, "k", "f"})), 409);
  EXPECT_EQ(stock_of(coffee), 5);
  EXPECT_EQ(stock_of(cup), 1);
  EXPECT_EQ(ask(wish({{coffee, 1}, {cup, 1}})).status, 201);  // the key was not used up
}

TEST_F(OrdersTest, AreRefusedWhereTheyCannotBePaid) {
  auto const free = add(0, 5);
  auto const dear = add(99'999'999, std::nullopt);
  auto const dollars = add(100, std::nullopt, "USD");
  for (auto const& items : std::vector<std::vector<Wish>>{{{free, 5}},
                                                          {{dear, 2}},
                                                          {{dear, 100'000}},
                                                          {{dear, 1}, {dollars, 1}},
                                                          {{free, 1}, {free, 1}},
                                                          {{Id<Product>::make(clock.now()), 1}}}) {
    EXPECT_EQ(status(program->orders.create(ana, wish(items), {ana.id.uuid, "k", "f"})), 422);
  }
  EXPECT_TRUE(run(program->store.list({})).empty());
  EXPECT_EQ(stock_of(free), 5);
}

TEST_F(OrdersTest, GiveTheLastPiecesToWhoCameFirst) {
  auto const coffee = add(1990, 10);
  std::vector<Task<>> all;
  for (int i = 0; i < 300; ++i) all.push_back(order(coffee, "k" + std::to_string(i)));
  auto const failures = run_together(std::move(all));
  auto const count = [&](int status) {
    return std::ranges::count_if(failures, [&](auto const& each) { return balcao::test::status_of(each) == status; });
  };
  EXPECT_EQ(count(0), 10);
  EXPECT_EQ(count(409), 290);
  EXPECT_EQ(stock_of(coffee), 0);
  EXPECT_EQ(run(program->store.list({.owner = {}, .status = {}, .limit = 100, .after = {}})).size(), 10U);
}

TEST_F(OrdersTest, AreMadeOnceForEachKeyAlsoWhereOthersAreCommittedWithThem) {
  auto const coffee = add(1990, 10);
  std::vector<Task<>> all;
  for (int i = 0; i < 40; ++i) all.push_back(reserve(coffee, "k" + std::to_string(i % 4)));
  for (auto const& failure : run_together(std::move(all))) EXPECT_EQ(balcao::test::status_of(failure), 0);
  EXPECT_EQ(stock_of(coffee), 6);
}

TEST_F(OrdersTest, TakeNothingOfAProductThatIsNotAsItWasRead) {
  auto const coffee = add(1990, 5);
  auto const as_read = run(program->store.market({coffee}, {})).products.at(coffee);
  auto const take = [&](std::int64_t quantity) {
    return run(database->batch({OrderStore::take(coffee, quantity, as_read)}));
  };
  EXPECT_THROW(take(6), db::Error);
  for (std::string const change :
       {"price = 1991", "currency = 'USD'", "active = false", "deleted_at = created_at", "stock = NULL"}) {
    auto const sql = "UPDATE products.products SET " + change;
    db::Statement const statement{"change", sql};
    run(database->query(statement));
    EXPECT_THROW(take(1), db::Error) << change;
    static constexpr db::Statement back{"back", R"(UPDATE products.products
      SET price = 1990, currency = 'BRL', active = $1, deleted_at = NULL, stock = 5)"};
    run(database->query(back, true));
  }
  take(5);
  EXPECT_EQ(stock_of(coffee), 0);
}

TEST_F(OrdersTest, OfAUserAreTwentyUnpaidAtMostAlsoFromTwoProcesses) {
  auto const coffee = add(1990, 1000);
  auto const tea = add(990, 1000);
  auto const other_database = engine.open("products");
  Program other(*other_database, payments, clock);
  auto const order_there = [&](std::string key) -> Task<> {
    co_await other.orders.create(ana, wish({{tea, 1}}, false), {ana.id.uuid, std::move(key), "f"});
  };
  std::vector<Task<>> all;
  for (int i = 0; i < 60; ++i) {
    all.push_back(order(coffee, "k" + std::to_string(i)));
    all.push_back(order_there("other " + std::to_string(i)));
  }
  std::map<int, int> answers;
  for (auto const& failure : run_together(std::move(all))) ++answers[balcao::test::status_of(failure)];
  EXPECT_EQ(answers[0], 20);
  EXPECT_EQ(answers[409], 100);
  EXPECT_EQ(*stock_of(coffee) + *stock_of(tea), 2000 - 20);

  // What is canceled or paid makes room; others have theirs.
  run(program->orders.cancel(ana, only_order().id));
  EXPECT_EQ(status(order(coffee, "after")), 0);
  EXPECT_EQ(status(order(coffee, "one more")), 409);
  for (auto const& who : {bia, administrator, Actor{Id<Owner>::make(clock.now()), false, true}}) {
    auto const make = [&]() -> Task<> {
      co_await program->orders.create(who, wish({{coffee, 1}}, false), {who.id.uuid, "k", "f"});
    };
    EXPECT_EQ(status(make()), 0);
  }
}

TEST_F(OrdersTest, OfProgramsAndAdministratorsHaveNoLimit) {
  auto const coffee = add(1990, 100'000);
  for (auto const& who : {administrator, Actor{Id<Owner>::make(clock.now()), false, true}}) {
    for (int i = 0; i < 25; ++i) {
      auto const answer =
          run(program->orders.create(who, wish({{coffee, 1000}}, false), {who.id.uuid, std::to_string(i), "f"}));
      ASSERT_EQ(answer.status, 201);
    }
  }
}

TEST_F(OrdersTest, OfAUserHoldAThousandPiecesUnpaidAtMost) {
  auto const coffee = add(199, 100'000);
  auto const download = add(199, std::nullopt);
  auto const of = [&](Id<Product> product, std::int64_t quantity, std::string key) -> Task<> {
    co_await program->orders.create(ana, wish({{product, quantity}}, false), {ana.id.uuid, std::move(key), "f"});
  };
  EXPECT_EQ(status(of(coffee, 1001, "a")), 409);
  EXPECT_EQ(status(of(coffee, 999, "b")), 0);
  EXPECT_EQ(status(of(coffee, 2, "c")), 409);
  EXPECT_EQ(status(of(download, 5000, "d")), 0) << "nothing is taken from anybody";
  EXPECT_EQ(status(of(coffee, 1, "e")), 0);
  EXPECT_EQ(stock_of(coffee), 99'000);
}

TEST_F(OrdersTest, AreMadeAtSomePriceThoughItChangesAllTheTime) {
  auto const coffee = add(100, 1000);
  std::vector<Task<>> all;
  for (int i = 0; i < 20; ++i) {
    all.push_back(order(coffee, "k" + std::to_string(i)));
    all.push_back(raise_price(coffee));
  }
  for (auto const& failure : run_together(std::move(all))) EXPECT_EQ(balcao::test::status_of(failure), 0);
  auto const orders = run(program->store.list({.owner = {}, .status = {}, .limit = 100, .after = {}}));
  EXPECT_EQ(orders.size(), 20U);
  for (auto const& each : orders) EXPECT_EQ(each.total, each.items.at(0).unit_price);
  EXPECT_EQ(stock_of(coffee), 980);
}

TEST_F(OrdersTest, WhosePaymentIsDeclinedFailAndGiveTheirPiecesBack) {
  auto const coffee = add(1990, 5);
  payments.comes_to = "requires_payment_method";
  auto const answer = ask(wish({{coffee, 2}}));
  EXPECT_EQ(answer.status, 402);
  EXPECT_EQ(only_order().status, Status::failed);
  EXPECT_EQ(only_order().fault->decline_code, "generic_decline");
  EXPECT_EQ(payments.payment_of(only_order().id.uuid).status, "canceled");
  EXPECT_EQ(stock_of(coffee), 5);
  EXPECT_EQ(ask(wish({{coffee, 2}})).body, answer.body);
}

TEST_F(OrdersTest, WhosePaymentIsRefusedFailToo) {
  auto const coffee = add(1990, 5);
  payments.refuses = true;
  EXPECT_EQ(ask(wish({{coffee, 2}})).status, 422);
  EXPECT_EQ(only_order().status, Status::failed);
  EXPECT_EQ(stock_of(coffee), 5);
}

TEST_F(OrdersTest, WhosePaymentIsMadeAndNotConfirmedAreNotKnownYet) {
  auto const coffee = add(1990, 5);
  payments.comes_to = "requires_confirmation";
  EXPECT_EQ(ask(wish({{coffee, 2}})).status, 202);
  run(program->orders.changed(only_order().id));
  EXPECT_TRUE(only_order().payment);
  payments.refuses = true;
  EXPECT_EQ(ask(wish({{coffee, 2}})).status, 422);
  EXPECT_EQ(only_order().status, Status::failed);
}

TEST_F(OrdersTest, HoldTheirPiecesWhilePaymentsIsAwayAndArePaidLater) {
  auto const coffee = add(1990, 5);
  payments.away = 1;
  EXPECT_EQ(ask(wish({{coffee, 2}})).status, 202);
  EXPECT_EQ(only_order().status, Status::pending);
  EXPECT_TRUE(only_order().payment);
  EXPECT_EQ(stock_of(coffee), 3);
  recover_after(5s);
  EXPECT_EQ(only_order().status, Status::paid);
  EXPECT_EQ(ask(wish({{coffee, 2}})).status, 201);
  EXPECT_EQ(payments.asked_to_pay, 2);
}

TEST_F(OrdersTest, AreGoneOnWithAfterADeathBehindTheReservation) {
  auto const coffee = add(1990, 5);
  KeyedRequest const request{ana.id.uuid, "k", "f"};
  run(program->reservations.reserve(ana, wish({{coffee, 2}}), request));
  start();
  EXPECT_EQ(status(program->orders.create(ana, wish({{coffee, 2}}), request)), 409);  // the dead one may be at it yet
  recover_after(21s);
  EXPECT_EQ(only_order().status, Status::paid);
  EXPECT_EQ(ask(wish({{coffee, 2}})).status, 201);
  EXPECT_EQ(stock_of(coffee), 3);
}

TEST_F(OrdersTest, ExpireOnlyWhenPaymentsHasCalledThemOff) {
  auto const coffee = add(1990, 5);
  order_on_page(coffee, 2);
  payments.away = 1;
  recover_after(1h);
  EXPECT_EQ(only_order().status, Status::canceling);
  EXPECT_EQ(stock_of(coffee), 3);
  recover_after(5min);
  EXPECT_EQ(only_order().status, Status::expired);
  EXPECT_EQ(stock_of(coffee), 5);
  recover_after(1h);
  EXPECT_EQ(payments.asked_to_call_off, 2);
  EXPECT_EQ(stock_of(coffee), 5);
}

TEST_F(OrdersTest, ThatArePaidInTheLastMomentArePaid) {
  auto const coffee = add(1990, 5);
  payments.pay(order_on_page(coffee, 2));
  recover_after(1h);
  EXPECT_EQ(only_order().status, Status::paid);
  EXPECT_EQ(stock_of(coffee), 3);
}

TEST_F(OrdersTest, ArePaidByAHint) {
  auto const coffee = add(1990, 5);
  auto const order = order_on_page(coffee, 2);
  run(program->orders.changed(order.id));
  EXPECT_EQ(only_order().status, Status::pending);
  payments.pay(order);
  for (int i = 0; i < 3; ++i) run(program->orders.changed(order.id));
  EXPECT_EQ(only_order().status, Status::paid);
  EXPECT_EQ(only_order().version, 2);
  run(program->orders.changed(Id<Order>::make(clock.now())));  // of an order that there is not
}

TEST_F(OrdersTest, HearOfTheirPaymentWhileTheyAskForIt) {
  auto const coffee = add(1990, 5);
  payments.meanwhile = [this](Uuid order) { return program->orders.changed({order}); };
  EXPECT_EQ(ask(wish({{coffee, 2}})).status, 201);
  EXPECT_EQ(only_order().status, Status::paid);
  EXPECT_EQ(only_order().version, 2);
}

TEST_F(OrdersTest, AreCanceledByTheirBuyerWhileTheyAreNotPaid) {
  auto const coffee = add(1990, 5);
  auto const order = order_on_page(coffee, 2);
  EXPECT_EQ(status(program->orders.cancel(bia, order.id)), 404);
  EXPECT_EQ(run(program->orders.cancel(ana, order.id)).status, Status::canceled);
  EXPECT_EQ(run(program->orders.cancel(ana, order.id)).status, Status::canceled);
  EXPECT_EQ(stock_of(coffee), 5);
}

TEST_F(OrdersTest, ThatArePaidAreCanceledByAdministratorsAndGivenBackOnce) {
  auto const coffee = add(1990, 5);
  ask(wish({{coffee, 2}}));
  auto const id = only_order().id;
  EXPECT_EQ(status(program->orders.cancel(ana, id)), 403);
  EXPECT_EQ(status(program->orders.cancel(bia, id)), 404);
  EXPECT_EQ(run(program->orders.cancel(administrator, id)).status, Status::refunded);
  EXPECT_EQ(run(program->orders.cancel(administrator, id)).status, Status::refunded);
  EXPECT_EQ(payments.refunds.size(), 1U);
  EXPECT_EQ(stock_of(coffee), 5);
}

TEST_F(OrdersTest, WhoseRefundPendsWaitForIt) {
  auto const coffee = add(1990, 5);
  ask(wish({{coffee, 2}}));
  payments.refund_pends = true;
  EXPECT_EQ(run(program->orders.cancel(administrator, only_order().id)).status, Status::refunding);
  EXPECT_EQ(stock_of(coffee), 3);
  payments.refund_pends = false;
  recover_after(10min);
  EXPECT_EQ(only_order().status, Status::refunded);
  EXPECT_EQ(stock_of(coffee), 5);
  EXPECT_EQ(payments.refunds.size(), 1U);
}

TEST_F(OrdersTest, AreGivenBackThoughOldNewsComeBeforeTheRefundIsAskedFor) {
  auto const coffee = add(1990, 5);
  ask(wish({{coffee, 2}}));
  payments.away = 1;
  EXPECT_EQ(run(program->orders.cancel(administrator, only_order().id)).status, Status::refunding);
  run(program->orders.changed(only_order().id));  // that it was paid
  EXPECT_EQ(only_order().status, Status::refunded);
  EXPECT_EQ(payments.refunds.size(), 1U);
  EXPECT_EQ(stock_of(coffee), 5);
}

TEST_F(OrdersTest, WhoseRefundIsRefusedArePaidStill) {
  auto const coffee = add(1990, 5);
  ask(wish({{coffee, 2}}));
  payments.refuses = true;
  EXPECT_EQ(status(program->orders.cancel(administrator, only_order().id)), 422);
  EXPECT_EQ(only_order().status, Status::paid);
  payments.refuses = false;
  EXPECT_EQ(run(program->orders.cancel(administrator, only_order().id)).status, Status::refunded);
  EXPECT_EQ(stock_of(coffee), 5);
}

TEST_F(OrdersTest, OweARefundThatFailsAfterThePiecesWereGivenBack) {
  auto const coffee = add(1990, 5);
  ask(wish({{coffee, 2}}));
  auto const order = only_order();
  run(program->orders.cancel(administrator, order.id));
  payments.payment_of(order.id.uuid).amount_refunded = 0;
  run(program->orders.changed(order.id));
  EXPECT_EQ(only_order().status, Status::refunding);
  EXPECT_EQ(only_order().fault->code, "refund_failed");
  EXPECT_EQ(stock_of(coffee), 5);
  EXPECT_EQ(run(program->orders.cancel(administrator, order.id)).status, Status::refunded);
  EXPECT_EQ(payments.refunds.size(), 2U);
  EXPECT_EQ(stock_of(coffee), 5);
}

TEST_F(OrdersTest, AreKeptFromGoingBackByTheDatabase) {
  auto const coffee = add(1990, 5);
  ask(wish({{coffee, 2}}));
  for (std::string const what :
       {"status = 'pending'", "status = 'failed', holds_stock = false", "holds_stock = false"}) {
    auto const sql = "UPDATE products.orders SET due_at = updated_at, " + what;
    db::Statement const statement{"back", sql};
    EXPECT_THROW(run(database->query(statement)), db::Error) << what;
  }
}

TEST_F(OrdersTest, GiveBackOnlyWhatWasCounted) {
  auto const coffee = add(1990, std::nullopt);
  auto const order = order_on_page(coffee, 2);
  static constexpr db::Statement count{"count", "UPDATE products.products SET stock = 7"};
  run(database->query(count));
  run(program->orders.cancel(ana, order.id));
  EXPECT_EQ(stock_of(coffee), 7);
}

TEST_F(OrdersTest, ToldToPaymentsAreOnesOwnAndPayableUntilTheyExpire) {
  auto const coffee = add(1990, 5);
  auto const order = order_on_page(coffee, 2);
  EXPECT_FALSE(run(program->orders.to_pay(order.id, bia.id)));
  auto const told = run(program->orders.to_pay(order.id, ana.id));
  EXPECT_EQ(told->amount, 3980);
  EXPECT_TRUE(told->payable);
  clock.advance(1h);
  EXPECT_FALSE(run(program->orders.to_pay(order.id, ana.id))->payable);
}

}  // namespace
}  // namespace balcao::products::orders
