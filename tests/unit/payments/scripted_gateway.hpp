#pragma once

#include <functional>

#include "payments/gateway/gateway.hpp"

namespace balcao::payments::test {

/// A gateway that answers as it is told: `gateway.on.find_intent = [](std::string id) { return Intent{…}; }`. A call
/// that nothing was said about fails the test.
class ScriptedGateway : public Gateway {
 public:
  struct {
    std::function<std::string(NewCustomer customer, std::string idempotency_key)> create_customer;
    std::function<void(std::string gateway_id, std::optional<std::string> email, std::optional<std::string> name,
                       std::string idempotency_key)>
        update_customer;
    std::function<void(std::string gateway_id)> delete_customer;
    std::function<std::optional<std::string>(NewCustomer customer)> find_customer;
    std::function<std::optional<GatewayCustomer>(std::string gateway_id)> get_customer;
    std::function<std::vector<GatewayCustomer>(Time from)> list_customers;
    std::function<Intent(NewIntent intent, std::string idempotency_key)> create_intent;
    std::function<Intent(std::string id, std::optional<std::string> payment_method,
                         std::optional<std::string> return_url, std::string idempotency_key)>
        confirm_intent;
    std::function<Intent(std::string id, std::optional<std::int64_t> amount, std::string idempotency_key)>
        capture_intent;
    std::function<Intent(std::string id, std::string idempotency_key)> cancel_intent;
    std::function<std::optional<Intent>(std::string id)> find_intent;
    std::function<std::optional<Intent>(std::string payment_id, Time not_before)> find_intent_of;
    std::function<std::vector<Intent>(Time from, Time until)> list_intents;
    std::function<GatewayRefund(NewRefund refund, std::string idempotency_key)> create_refund;
    std::function<std::optional<GatewayRefund>(std::string id)> find_refund;
    std::function<std::optional<GatewayRefund>(std::string intent, std::string refund_id)> find_refund_of;
    std::function<std::vector<GatewayRefund>(std::string intent)> list_refunds;
    std::function<std::optional<GatewayDispute>(std::string id)> find_dispute;
    std::function<std::vector<GatewayDispute>(Time from)> list_disputes;
    std::function<GatewayCheckout(NewCheckout checkout, std::string idempotency_key)> create_checkout;
    std::function<std::optional<GatewayCheckout>(std::string id)> find_checkout;
    std::function<std::optional<GatewayCheckout>(std::string payment_id, Time not_before)> find_checkout_of;
    std::function<void(std::string id, std::string idempotency_key)> expire_checkout;
    std::function<std::vector<GatewayEvent>(Time from, std::optional<std::string> type, bool undelivered)> list_events;
    std::function<std::vector<BalanceTransaction>(Time from, Time until)> list_balance_transactions;
  } on;

  Task<std::string> create_customer(NewCustomer customer, std::string idempotency_key) override {
    co_return ask(on.create_customer, "create_customer", std::move(customer), std::move(idempotency_key));
  }
  Task<> update_customer(std::string gateway_id, std::optional<std::string> email, std::optional<std::string> name,
                         std::string idempotency_key) override {
    co_return ask(on.update_customer, "update_customer", std::move(gateway_id), std::move(email), std::move(name),
                  std::move(idempotency_key));
  }
  Task<> delete_customer(std::string gateway_id) override {
    co_return ask(on.delete_customer, "delete_customer", std::move(gateway_id));
  }
  Task<std::optional<std::string>> find_customer(NewCustomer customer) override {
    co_return ask(on.find_customer, "find_customer", std::move(customer));
  }
  Task<std::optional<GatewayCustomer>> get_customer(std::string gateway_id) override {
    co_return ask(on.get_customer, "get_customer", std::move(gateway_id));
  }
  Task<std::vector<GatewayCustomer>> list_customers(Time from) override {
    co_return ask(on.list_customers, "list_customers", std::move(from));
  }
  Task<Intent> create_intent(NewIntent intent, std::string idempotency_key) override {
    co_return ask(on.create_intent, "create_intent", std::move(intent), std::move(idempotency_key));
  }
  Task<Intent> confirm_intent(std::string id, std::optional<std::string> payment_method,
                              std::optional<std::string> return_url, std::string idempotency_key) override {
    co_return ask(on.confirm_intent, "confirm_intent", std::move(id), std::move(payment_method), std::move(return_url),
                  std::move(idempotency_key));
  }
  Task<Intent> capture_intent(std::string id, std::optional<std::int64_t> amount,
                              std::string idempotency_key) override {
    co_return ask(on.capture_intent, "capture_intent", std::move(id), std::move(amount), std::move(idempotency_key));
  }
  Task<Intent> cancel_intent(std::string id, std::string idempotency_key) override {
    co_return ask(on.cancel_intent, "cancel_intent", std::move(id), std::move(idempotency_key));
  }
  Task<std::optional<Intent>> find_intent(std::string id) override {
    co_return ask(on.find_intent, "find_intent", std::move(id));
  }
  Task<std::optional<Intent>> find_intent_of(std::string payment_id, Time not_before) override {
    co_return ask(on.find_intent_of, "find_intent_of", std::move(payment_id), std::move(not_before));
  }
  Task<std::vector<Intent>> list_intents(Time from, Time until) override {
    co_return ask(on.list_intents, "list_intents", std::move(from), std::move(until));
  }
  Task<GatewayRefund> create_refund(NewRefund refund, std::string idempotency_key) override {
    co_return ask(on.create_refund, "create_refund", std::move(refund), std::move(idempotency_key));
  }
  Task<std::optional<GatewayRefund>> find_refund(std::string id) override {
    co_return ask(on.find_refund, "find_refund", std::move(id));
  }
  Task<std::optional<GatewayRefund>> find_refund_of(std::string intent, std::string refund_id) override {
    co_return ask(on.find_refund_of, "find_refund_of", std::move(intent), std::move(refund_id));
  }
  Task<std::vector<GatewayRefund>> list_refunds(std::string intent) override {
    co_return ask(on.list_refunds, "list_refunds", std::move(intent));
  }
  Task<std::optional<GatewayDispute>> find_dispute(std::string id) override {
    co_return ask(on.find_dispute, "find_dispute", std::move(id));
  }
  Task<std::vector<GatewayDispute>> list_disputes(Time from) override {
    co_return ask(on.list_disputes, "list_disputes", std::move(from));
  }
  Task<GatewayCheckout> create_checkout(NewCheckout checkout, std::string idempotency_key) override {
    co_return ask(on.create_checkout, "create_checkout", std::move(checkout), std::move(idempotency_key));
  }
  Task<std::optional<GatewayCheckout>> find_checkout(std::string id) override {
    co_return ask(on.find_checkout, "find_checkout", std::move(id));
  }
  Task<std::optional<GatewayCheckout>> find_checkout_of(std::string payment_id, Time not_before) override {
    co_return ask(on.find_checkout_of, "find_checkout_of", std::move(payment_id), std::move(not_before));
  }
  Task<> expire_checkout(std::string id, std::string idempotency_key) override {
    co_return ask(on.expire_checkout, "expire_checkout", std::move(id), std::move(idempotency_key));
  }
  Task<std::vector<GatewayEvent>> list_events(Time from, std::optional<std::string> type, bool undelivered) override {
    co_return ask(on.list_events, "list_events", std::move(from), std::move(type), std::move(undelivered));
  }
  Task<std::vector<BalanceTransaction>> list_balance_transactions(Time from, Time until) override {
    co_return ask(on.list_balance_transactions, "list_balance_transactions", std::move(from), std::move(until));
  }

 private:
  template <class Answer, class... Arguments>
  static Answer ask(std::function<Answer(Arguments...)> const& answer, char const* name, Arguments... arguments) {
    if (!answer) throw std::logic_error(std::string("the test's gateway was not told what to say to ") + name);
    return answer(std::move(arguments)...);
  }
};

}  // namespace balcao::payments::test
