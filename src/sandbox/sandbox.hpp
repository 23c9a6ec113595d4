#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/db/database.hpp"
#include "platform/db/migrations.hpp"
#include "platform/db/purge.hpp"
#include "platform/http/handler.hpp"
#include "platform/jobs/jobs.hpp"
#include "platform/runtime/clock.hpp"
#include "sandbox/balance/balance.hpp"
#include "sandbox/charges/charges.hpp"
#include "sandbox/checkout/sessions.hpp"
#include "sandbox/customers/customers.hpp"
#include "sandbox/disputes/disputes.hpp"
#include "sandbox/events/events.hpp"
#include "sandbox/hosted/pages.hpp"
#include "sandbox/idempotency/idempotency.hpp"
#include "sandbox/payment_intents/payment_intents.hpp"
#include "sandbox/payment_methods/payment_methods.hpp"
#include "sandbox/refunds/refunds.hpp"
#include "sandbox/transport/faults.hpp"
#include "sandbox/transport/operation.hpp"
#include "sandbox/webhooks/endpoints.hpp"

namespace balcao::sandbox {

/// Where events go besides the endpoints of the API: each process that names a target tells it by itself, and it is in
/// no list.
struct WebhookTarget {
  std::string url;
  std::string secret;                    ///< that signs them: `whsec_…`
  std::vector<std::string> events{"*"};  ///< their types; `*`: all of them
};

struct Options {
  std::optional<std::string> secret_key{};  ///< exactly this key is taken; none: any `sk_test_…`
  std::string address{};                    ///< its own, as its clients reach it, for the pages that it names
  std::optional<WebhookTarget> webhook{};
};

/// A payment gateway with Stripe's HTTP API, for machines without a Stripe key: the official SDK works against it
/// unchanged. Beside it are the pages that customers are sent to, and `/_sandbox/faults`, which switches on what can
/// go wrong on the way. `database` is the schema
/// `sandbox`; it and the clock must outlive this object, and this object its jobs.
class Sandbox final : public http::Handler {
 public:
  Sandbox(db::Database& database, Clock const& clock, Options options);

  Task<http::Response> handle(http::Request const& request) override;
  http::Response refuse(Problem const& problem, http::Request const& request) override;

  /// What happens by itself.
  jobs::Jobs& jobs() { return jobs_; }

  /// To be run beside the requests, until `stop`: the jobs, and the removal of what is no longer kept.
  std::vector<Task<>> background();
  void stop();

 private:
  struct Work;
  struct Decision;

  Task<http::Response> answer(http::Request const& request, std::string request_id, std::optional<Fault> fault);
  Task<http::Response> perform(http::Request const& request, std::string request_id, std::optional<Fault> fault);
  Task<http::Response> execute(Work work);
  Task<Decision> decide(Work const& work, Time now);

  /// Makes what happened a part of what is to be written.
  Task<Decision> record(Outcome outcome, events::Cause cause, Time now, webhooks::Manner manner);
  /// Writes it; false if another call came between, and it has to be decided again.
  Task<bool> commit(Decision& decision, int attempt);

  /// `POST /_sandbox/payment_intents/{id}/{action}`: what the customer or time does.
  Task<http::Response> act_on_intent(http::Request const& request);
  /// The same as a call of the API does, for what happens without one.
  Task<http::Response> carry_out(std::function<Task<Outcome>(Time)> happens);
  void handle_jobs();

  db::Database& database_;
  Clock const& clock_;
  Options const options_;
  jobs::Jobs jobs_;
  Faults faults_;
  idempotency::RunningKeys running_;
  idempotency::Memory memory_;
  webhooks::Listeners listeners_;
  webhooks::Deliveries deliveries_;
  webhooks::Endpoints endpoints_;
  events::Events events_;
  customers::Customers customers_;
  payment_methods::PaymentMethods methods_;
  payment_intents::PaymentIntents intents_;
  checkout::Sessions sessions_;
  hosted::Pages pages_;
  charges::Charges charges_;
  refunds::Refunds refunds_;
  disputes::Disputes disputes_;
  balance::Balance balance_;
  db::Purge purge_;
  Operations const operations_;
};

/// The steps of the schema `sandbox` for an engine.
std::vector<db::Migration> migrations(std::string_view engine);

}  // namespace balcao::sandbox
