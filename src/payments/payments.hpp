#pragma once

#include "contracts/payments.hpp"
#include "payments/clients/clients.hpp"
#include "platform/http/endpoint.hpp"

namespace balcao::payments {

/// Payments, whole.
class Service final : public contracts::Payments {
 public:
  /// What it is given must outlive it. Making it does no I/O.
  Service(db::Database& database, Gateway& gateway, Clock const& clock);

  /// Its endpoints, those for other services among them; the service must outlive them.
  http::Endpoints endpoints();
  jobs::Jobs& jobs() { return jobs_; }

  Task<> ensure_customer(contracts::NewUser user) override;
  Task<> forget_user(Uuid user) override;
  Task<contracts::Account> account_of(Uuid user, http::Trace trace) override;

 private:
  ClientStore store_;
  jobs::Jobs jobs_;
  Clients clients_;
};

}  // namespace balcao::payments
