#pragma once

#include <map>
#include <set>

#include "../../platform/db/database_fixture.hpp"
#include "products/migrations.hpp"
#include "products/orders/orders.hpp"
#include "products/orders/view.hpp"

namespace balcao::products::orders::test {

/// Payments in another process: it has one payment for each order, and comes to what it is told.
class KnownPayments final : public contracts::Payments {
 public:
  Task<> ensure_customer(contracts::NewUser) override { co_return; }
  Task<> forget_user(Uuid) override { co_return; }
  Task<contracts::Account> account_of(Uuid, http::Trace) override { co_return contracts::Account{}; }

  Task<contracts::Settlement> pay_order(contracts::Bill bill, contracts::PayWith, std::optional<std::string>) override {
    ++asked_to_pay;
    answer_or_be_away();
    if (refuses) co_return contracts::Settlement{std::nullopt, fault};
    auto& payment = payment_of(bill.order);
    if (payment.status == "unknown") payment.status = comes_to;
    if (comes_to == "succeeded" && payment.status == "succeeded") payment.amount_captured = bill.amount;
    if (comes_to == "requires_payment_method") payment.decline = fault;
    if (meanwhile) co_await std::exchange(meanwhile, nullptr)(bill.order);
    co_return contracts::Settlement{payment, std::nullopt};
  }
  Task<contracts::Settlement> payment_of_order(Uuid order) override {
    answer_or_be_away();
    if (!payments.contains(order)) co_return contracts::Settlement{};
    co_return contracts::Settlement{payments.at(order), std::nullopt};
  }
  Task<contracts::Settlement> call_off(contracts::Bill bill) override {
    ++asked_to_call_off;
    answer_or_be_away();
    auto& payment = payment_of(bill.order);
    if (payment.status != "succeeded") payment.status = "canceled";
    co_return contracts::Settlement{payment, std::nullopt};
  }
  Task<contracts::Settlement> refund_order(Uuid order, Uuid refund) override {
    answer_or_be_away();
    auto& payment = payment_of(order);
    if (refuses) co_return contracts::Settlement{payment, fault};
    if (refunds.insert(refund).second && !refund_fails) payment.amount_refunded = payment.amount_captured;
    payment.refund_pending = refund_pends;
    co_return contracts::Settlement{payment, std::nullopt};
  }

  contracts::PaymentOfOrder& payment_of(Uuid order) {
    return payments.try_emplace(order, order, "unknown", 0, 0, false, std::nullopt).first->second;
  }
  void pay(Order const& order) {
    auto& payment = payment_of(order.id.uuid);
    payment.status = "succeeded";
    payment.amount_captured = order.total;
  }

  std::string comes_to = "succeeded";
  bool refuses = false;
  bool refund_fails = false;
  bool refund_pends = false;
  int away = 0;                                 ///< how many of the next calls are not answered
  std::function<Task<>(Uuid order)> meanwhile;  ///< before the next payment is answered
  contracts::PaymentFault const fault{"card_declined", "generic_decline", "No."};
  std::map<Uuid, contracts::PaymentOfOrder> payments;
  std::set<Uuid> refunds;
  int asked_to_pay = 0;
  int asked_to_call_off = 0;

 private:
  void answer_or_be_away() {
    if (away > 0) {
      --away;
      throw overloaded("away", "longe");
    }
  }
};

class OrdersTest : public balcao::test::DatabaseTest {
 protected:
  OrdersTest() { start(); }

  /// Also as after a restart of the program.
  void start() { program.emplace(*database, payments, clock); }

  struct Program {
    Program(db::Database& database, contracts::Payments& payments, Clock const& clock)
        : store(database),
          keys(database, "products", clock),
          reservations(
              {store, keys, clock, {}, [this](auto const& products) { written += static_cast<int>(products.size()); }}),
          orders({store, reservations, keys, payments, clock}) {}

    int written = 0;
    OrderStore store;
    IdempotencyKeys keys;
    Reservations reservations;
    Orders orders;
  };

  Id<Product> add(std::int64_t price, std::optional<std::int64_t> stock, std::string currency = "BRL") {
    static constexpr db::Statement insert{"insert", R"(INSERT INTO products.products
      (id, owner_id, name, description, price, currency, stock, active, version, created_at, updated_at)
      VALUES ($1, $2, 'Café', '', $3, $4, $5, $6, 1, $7, $7))"};
    clock.advance(std::chrono::milliseconds(1));
    auto const id = Id<Product>::make(clock.now());
    run(database->query(insert, id, ana.id, price, currency, stock, true, clock.now()));
    return id;
  }
  std::optional<std::int64_t> stock_of(Id<Product> id) {
    static constexpr db::Statement read{"read", "SELECT stock FROM products.products WHERE id = $1"};
    return run(database->query(read, id)).front().get<std::optional<std::int64_t>>(0);
  }

  static NewOrder wish(std::vector<Wish> items, bool card = true) {
    NewOrder wanted{.items = std::move(items), .payment = std::nullopt};
    if (card) wanted.payment = Instruction{{.method = "card", .payment_method = "pm_card_visa"}, std::nullopt};
    return wanted;
  }
  KeptAnswer ask(NewOrder wanted, std::string const& key = "k") {
    return run(program->orders.create(ana, std::move(wanted), {ana.id.uuid, key, "f"}));
  }
  Task<> order(Id<Product> product, std::string key) {
    co_await program->orders.create(ana, wish({{product, 1}}, false), {ana.id.uuid, std::move(key), "f"});
  }
  Task<> reserve(Id<Product> product, std::string key) {
    co_await program->reservations.reserve(ana, wish({{product, 1}}, false), {ana.id.uuid, std::move(key), "f"});
  }
  Task<> raise_price(Id<Product> product) {
    static constexpr db::Statement raise{"raise", "UPDATE products.products SET price = price + 1 WHERE id = $1"};
    co_await database->query(raise, product);
  }
  Order only_order() { return run(program->store.list({})).at(0); }
  Order order_on_page(Id<Product> product, std::int64_t quantity) {
    EXPECT_EQ(ask(wish({{product, quantity}}, false)).status, 201);
    return only_order();
  }
  /// One round of recovery, with all that is due by then.
  void recover_after(std::chrono::seconds wait) {
    clock.advance(wait);
    while (run(program->orders.recover())) {
    }
  }

  balcao::test::ManualClock clock;
  std::unique_ptr<db::Database> database = engine.open("products", migrations, clock.now());
  KnownPayments payments;
  std::optional<Program> program;
  Actor const ana{Id<Owner>::make(clock.now()), false};
  Actor const bia{Id<Owner>::make(clock.now()), false};
  Actor const administrator{Id<Owner>::make(clock.now()), true};
};

}  // namespace balcao::products::orders::test
