#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/guard.hpp"
#include "app/wiring.hpp"
#include "auth/auth.hpp"
#include "payments/payments.hpp"
#include "products/products.hpp"

namespace balcao::app {

/// What the services stand on; what a service that this process does not run would need may be null.
struct Ground {
  db::Database* auth;
  db::Database* payments;
  db::Database* products;
  payments::Gateway* gateway;
  payments::Settings payment_settings;
  shared::SharedState& shared;
  Workers& workers;
  Clock const& clock;
  std::size_t loops;
  products::orders::Settings order_settings;
};

/// How a process knows the others, and where they are; nothing where all run in this one.
struct Others {
  std::string service_key;
  std::optional<std::string> auth_url;
  std::optional<std::string> payments_url;
  std::optional<std::string> products_url;
};

/// The services of one process, wired together, and to those of other processes.
class Services {
 public:
  /// Makes the services, which does no I/O. What it is given must outlive them.
  Services(Ground ground, Others others, Selection selection, auth::Settings settings, auth::KeySettings keys);

  /// Asks Auth for what is needed before the first request: what tokens are checked by, and the sessions that have
  /// ended. To be awaited on the first loop. Throws what keeps it from that, and can then be tried again.
  Task<> load();

  http::Endpoints endpoints();
  http::Guard& guard() { return *guard_; }
  /// Auth, if this process runs it.
  auth::Service* auth() { return auth_.get(); }

  /// What goes on beside the requests, until `stop`.
  std::vector<Task<>> background();
  /// From any thread.
  void stop();

  /// What is not tried again for now, because the process died each time; for readiness.
  Task<std::vector<jobs::SetAside>> set_aside();

 private:
  contracts::ServiceTokens const service_tokens_;
  jwt::Verifier verifier_;  ///< used where Auth is elsewhere
  access::Revocations revocations_;
  // Those that this process runs, and those of others that it asks.
  std::unique_ptr<contracts::Payments> remote_payments_;
  std::unique_ptr<contracts::Auth> remote_auth_;
  std::unique_ptr<contracts::Products> remote_products_;
  std::unique_ptr<payments::Service> payments_;
  std::unique_ptr<auth::Service> auth_;
  std::unique_ptr<products::Service> products_;
  std::unique_ptr<access::KeyFeed> keys_;  ///< none where this process runs Auth
  std::unique_ptr<access::RevocationFeed> feed_;
  std::unique_ptr<access::Guard> guard_;
};

}  // namespace balcao::app
