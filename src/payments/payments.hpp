#pragma once

#include "contracts/payments.hpp"
#include "contracts/products.hpp"
#include "payments/orders/order_payments.hpp"
#include "payments/reconciliation/rounds.hpp"
#include "payments/webhooks/deliveries.hpp"
#include "platform/db/purge.hpp"
#include "platform/http/endpoint.hpp"
#include "platform/jobs/jobs.hpp"

namespace balcao::payments {

struct Settings {
  std::vector<std::string> gateway_secrets{};  ///< with which the gateway signs; several while one is exchanged
  WebhookSettings webhooks{};                  ///< those of integrators
};

/// Who has the orders: asked for when it is needed, since Products needs Payments as well.
using WhereOrdersAre = std::function<contracts::Products&()>;

/// Payments, whole.
class Service final : public contracts::Payments {
 public:
  /// What it is given must outlive it. Making it does no I/O.
  Service(db::Database& database, Gateway& gateway, Clock const& clock, Settings settings, WhereOrdersAre products);

  /// Its endpoints, those for other services among them; the service must outlive them.
  http::Endpoints endpoints();

  /// What goes on beside the requests, until `stop`.
  std::vector<Task<>> background();
  /// From any thread.
  void stop();

  /// What is not tried again for now, because the process died each time; for readiness.
  Task<std::vector<jobs::SetAside>> set_aside();

  Reconciler& reconciler() { return reconciler_; }

  Task<> ensure_customer(contracts::NewUser user) override;
  Task<> forget_user(Uuid user) override;
  Task<contracts::Account> account_of(Uuid user, http::Trace trace) override;
  Task<contracts::Settlement> pay_order(contracts::Bill bill, contracts::PayWith with,
                                        std::optional<std::string> return_url) override;
  Task<contracts::Settlement> payment_of_order(Uuid order) override;
  Task<contracts::Settlement> call_off(contracts::Bill bill) override;
  Task<contracts::Settlement> refund_order(Uuid order, Uuid refund) override;

 private:
  ClientStore client_store_;
  PaymentStore payment_store_;
  RefundStore refund_store_;
  DisputeStore dispute_store_;
  CheckoutStore checkout_store_;
  InboxStore inbox_store_;
  ReconciliationStore reconciliation_store_;
  WebhookStore webhook_store_;
  Ledger ledger_;
  jobs::Jobs jobs_;
  Messages messages_;
  IdempotencyKeys keys_;
  Clients clients_;
  Attempts attempts_;
  Checkouts checkouts_;
  payments::Payments payments_;
  Refunds refunds_;
  OrderPayments order_payments_;
  Disputes disputes_;
  Inbox inbox_;
  Reconciler reconciler_;
  Rounds rounds_;
  WebhookSettings const webhook_settings_;
  WebhookSecrets const webhook_secrets_;
  WebhookEndpoints webhook_endpoints_;
  WebhookDeliveries webhook_deliveries_;
  db::Purge purge_;
};

}  // namespace balcao::payments
