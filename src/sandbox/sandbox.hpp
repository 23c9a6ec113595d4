#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/db/database.hpp"
#include "platform/db/migrations.hpp"
#include "platform/http/handler.hpp"
#include "platform/jobs/jobs.hpp"
#include "platform/runtime/clock.hpp"
#include "sandbox/customers/customers.hpp"
#include "sandbox/idempotency/idempotency.hpp"
#include "sandbox/transport/faults.hpp"
#include "sandbox/transport/operation.hpp"

namespace balcao::sandbox {

struct Options {
  std::optional<std::string> secret_key;  ///< exactly this key is taken; none: any `sk_test_…`
};

/// A payment gateway with Stripe's HTTP API, for machines without a Stripe key: the official SDK works against it
/// unchanged. Beside it `/_sandbox/faults` switches on what can go wrong on the way. `database` is the schema
/// `sandbox`; it and the clock must outlive this object.
class Sandbox final : public http::Handler {
 public:
  Sandbox(db::Database& database, Clock const& clock, Options options);

  Task<http::Response> handle(http::Request const& request) override;
  http::Response refuse(Problem const& problem, http::Request const& request) override;

  /// What happens by itself: to be run beside the requests.
  jobs::Jobs& jobs() { return jobs_; }

 private:
  struct Work;

  Task<http::Response> answer(http::Request const& request, std::string request_id, std::optional<Fault> fault);
  Task<http::Response> perform(http::Request const& request, std::string request_id, bool fails_after);
  Task<http::Response> execute(Work work);

  db::Database& database_;
  Clock const& clock_;
  Options const options_;
  jobs::Jobs jobs_;
  Faults faults_;
  idempotency::RunningKeys running_;
  idempotency::Memory memory_;
  customers::Customers customers_;
  Operations const operations_;
};

/// The steps of the schema `sandbox` for an engine.
std::vector<db::Migration> migrations(std::string_view engine);

}  // namespace balcao::sandbox
