#pragma once

#include <map>

#include "clients_fixture.hpp"
#include "payments/orders/order_payments.hpp"
#include "payments/payment/payments.hpp"
#include "payments/refunds/refunds.hpp"

namespace balcao::payments::test {

/// The process dies here: nothing of it goes on.
struct Death {};

/// Keeps intents as the gateway does: one for each key, charged once, whatever is asked twice.
class IntentGateway final : public ScriptedGateway {
 public:
  Task<Intent> create_intent(NewIntent wanted, std::string key) override {
    co_return call("create", std::move(key), [&](std::string const&) {
      auto const id = "pi_" + std::to_string(intents.size() + 1);
      auto& intent = intents[id];
      intent.id = id;
      if (wanted.payment_method) intent.status = Intent::Status::requires_confirmation;
      intent.amount = wanted.amount;
      intent.currency = wanted.currency;
      intent.payment_id = wanted.payment_id;
      intent.method = wanted.method_type;
      return id;
    });
  }
  Task<Intent> confirm_intent(std::string id, std::optional<std::string> method, std::optional<std::string>,
                              std::string key) override {
    co_return call("confirm", std::move(key), [&](std::string const&) {
      auto& intent = intents.at(id);
      bool const declined = declines > 0;
      if (declined) --declines;
      intent.status = declined ? Intent::Status::requires_payment_method : Intent::Status::succeeded;
      intent.last_error = declined ? std::optional(Decline{"card_declined", "generic_decline", "No."}) : std::nullopt;
      if (!declined) {
        ++charges;
        intent.amount_received = intent.amount;
        intent.charge = Charge{"ch_1", intent.amount, 0, 40};
      }
      return id;
    });
  }
  Task<Intent> cancel_intent(std::string id, std::string key) override {
    co_return call("cancel", std::move(key), [&](std::string const&) {
      intents.at(id).status = Intent::Status::canceled;
      return id;
    });
  }
  Task<std::optional<Intent>> find_intent(std::string id) override {
    ++asked;
    auto const found = intents.find(id);
    co_return found == intents.end() ? std::nullopt : std::optional(found->second);
  }
  Task<std::optional<Intent>> find_intent_of(std::string payment_id, Time) override {
    for (auto const& [id, intent] : intents) {
      if (intent.payment_id == payment_id) co_return intent;
    }
    co_return std::nullopt;
  }
  Task<GatewayRefund> create_refund(NewRefund wanted, std::string key) override {
    if (before == "refund") fail(before);
    auto& refund = refunds[key];
    refund.id = "re_" + key;
    refund.status = GatewayRefund::Status::succeeded;
    refund.amount = wanted.amount;
    refund.currency = "BRL";
    refund.intent = wanted.intent;
    refund.refund_id = wanted.refund_id;
    if (after == "refund") fail(after);
    co_return refund;
  }
  Task<std::optional<GatewayRefund>> find_refund_of(std::string, std::string refund_id) override {
    for (auto const& [key, refund] : refunds) {
      if (refund.refund_id == refund_id) co_return refund;
    }
    co_return std::nullopt;
  }

  /// The next call of that name fails, before or after it is executed, with what `failure` throws.
  std::string before;
  std::string after;
  std::function<void()> failure = [] { throw Death(); };

  std::map<std::string, Intent> intents;
  std::map<std::string, GatewayRefund> refunds;
  std::map<std::string, std::string> answers;  ///< by key
  int charges = 0;
  int declines = 0;
  int asked = 0;

 private:
  void fail(std::string& when) {
    when.clear();
    failure();
  }

  Intent call(std::string const& name, std::string key, std::function<std::string(std::string const&)> const& work) {
    if (before == name) fail(before);
    auto const kept = answers.find(key);
    auto const id = kept == answers.end() ? work(key) : kept->second;
    answers[key] = id;
    if (after == name) fail(after);
    return intents.at(id);
  }
};

class PaymentsTest : public balcao::test::DatabaseTest {
 protected:
  PaymentsTest() { start(); }

  /// Also as after a restart of the program.
  void start() { service.emplace(*database, gateway, clock); }

  struct Program {
    Program(db::Database& database, Gateway& gateway, Clock const& clock)
        : client_store(database),
          store(database),
          refund_store(database),
          checkout_store(database),
          jobs(database, "payments", clock),
          messages(jobs, clock),
          keys(database, "payments", clock),
          clients(client_store, gateway, jobs, clock),
          attempts(store, gateway, messages, keys, clock),
          checkouts({checkout_store, store, attempts, clients, gateway, messages, keys, database, clock, {}}),
          payments({store, attempts, clients, checkouts, keys, clock}),
          refunds({refund_store, store, payments, gateway, messages, keys, database, clock}),
          orders({store, attempts, payments, refund_store, refunds, clock}) {}

    ClientStore client_store;
    PaymentStore store;
    RefundStore refund_store;
    CheckoutStore checkout_store;
    jobs::Jobs jobs;
    Messages messages;
    IdempotencyKeys keys;
    Clients clients;
    Attempts attempts;
    Checkouts checkouts;
    Payments payments;
    Refunds refunds;
    OrderPayments orders;
  };

  KeptAnswer pay(std::string const& key = "k") {
    NewPayment wanted{
        .amount = 1000, .currency = "BRL", .pay_with = PayWith{"card", "pm_card_visa", {}}, .confirm = true};
    return run(service->payments.create(owner, std::move(wanted), {owner.id.uuid, key, "f"}));
  }

  std::int64_t ask_number(std::string sql) {
    return run([](db::Database& where, std::string text) -> Task<std::int64_t> {
      db::Statement const statement{"count", text};
      auto const rows = co_await where.query(statement);
      co_return rows.front().get<std::int64_t>(0);
    }(*database, std::move(sql)));
  }
  std::int64_t booked(std::string const& account) {
    return ask_number("SELECT coalesce(sum(CASE WHEN debit_account = '" + account +
                      "' THEN amount WHEN credit_account = '" + account +
                      "' THEN -amount END), 0) FROM payments.ledger");
  }
  Payment only_payment() { return run(service->store.list({})).at(0); }

  balcao::test::ManualClock clock;
  std::unique_ptr<db::Database> database = engine.open("payments", migrations, clock.now());
  IntentGateway gateway;
  std::optional<Program> service;
  Actor const owner{Id<Owner>::make(clock.now()), false};
};

}  // namespace balcao::payments::test
