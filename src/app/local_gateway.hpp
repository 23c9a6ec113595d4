#pragma once

#include <string>

#include "platform/crypto/random.hpp"
#include "platform/http/server.hpp"
#include "sandbox/sandbox.hpp"

namespace balcao::app {

/// The sandbox inside `serve`, on a free port of this machine and with keys that only this process knows: Payments
/// speaks to it as it would to Stripe, and hears from it.
class LocalGateway {
 public:
  /// `webhook_url`: where Payments takes the gateway's events.
  LocalGateway(Loops& loops, db::Database& database, Clock const& clock, std::string webhook_url, MemoryBudget& memory)
      : secret_key_("sk_test_" + crypto::random_token(24)),
        webhook_secret_("whsec_" + crypto::random_token(24)),
        server_(loops, "127.0.0.1", 0, http::Limits{}, memory),
        sandbox_(database, clock,
                 {.secret_key = secret_key_,
                  .address = server_.address(),
                  .webhook = sandbox::WebhookTarget{std::move(webhook_url), webhook_secret_, events_for_payments()}}) {}

  void start() { server_.start(sandbox_); }
  Task<std::size_t> drain(std::chrono::milliseconds patience) { return server_.drain(patience); }

  /// What goes on beside the requests, until `stop`.
  std::vector<Task<>> background() { return sandbox_.background(); }
  void stop() { sandbox_.stop(); }

  std::string address() const { return server_.address(); }
  std::string const& secret_key() const { return secret_key_; }
  /// What the events are signed with.
  std::string const& webhook_secret() const { return webhook_secret_; }

 private:
  /// What changes a payment. The others would be delivered only to be thrown away.
  static std::vector<std::string> events_for_payments() {
    return {"payment_intent.amount_capturable_updated",
            "payment_intent.canceled",
            "payment_intent.partially_funded",
            "payment_intent.payment_failed",
            "payment_intent.processing",
            "payment_intent.requires_action",
            "payment_intent.succeeded",
            "charge.refunded",
            "charge.refund.updated",
            "refund.created",
            "refund.updated",
            "refund.failed",
            "charge.dispute.created",
            "charge.dispute.updated",
            "charge.dispute.closed",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.funds_reinstated",
            "checkout.session.completed",
            "checkout.session.async_payment_succeeded",
            "checkout.session.async_payment_failed",
            "checkout.session.expired"};
  }

  std::string const secret_key_;
  std::string const webhook_secret_;
  http::Server server_;
  sandbox::Sandbox sandbox_;
};

}  // namespace balcao::app
