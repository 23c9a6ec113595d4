#pragma once

#include <atomic>

#include "access/guard.hpp"
#include "auth/auth.hpp"
#include "payments/payments.hpp"
#include "platform/http/router.hpp"
#include "products/products.hpp"

namespace balcao::app {

/// What the services stand on.
struct Ground {
  db::Database& auth;
  db::Database& payments;
  db::Database& products;
  shared::SharedState& shared;
  payments::Gateway& gateway;
  Workers& workers;
  Clock const& clock;
  std::size_t loops;
};

/// The three services of one process, wired together. Making it does no I/O.
class Services {
 public:
  Services(Ground ground, auth::Settings settings, std::vector<jwt::Key> keys);

  http::Endpoints endpoints();
  http::Guard& guard() { return guard_; }
  auth::RevocationFeed& revocation_feed() { return revocation_feed_; }
  jobs::Jobs& payment_jobs() { return payment_jobs_; }

 private:
  auth::Settings const settings_;

  jwt::Signer signer_;
  jwt::Verifier verifier_;
  access::Revocations revocations_;
  access::Guard guard_;

  auth::Store auth_store_;
  auth::Accounts accounts_;
  auth::Sessions sessions_;
  auth::RevocationFeed revocation_feed_;
  auth::Service auth_;

  payments::Store payments_store_;
  jobs::Jobs payment_jobs_;
  payments::Clients clients_;
  payments::Service payments_;

  products::Store products_store_;
  http::ResponseCache pages_;
  products::Catalog catalog_;
  products::Service products_;
};

}  // namespace balcao::app
