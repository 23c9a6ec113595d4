#include "app/services.hpp"

#include <iterator>

namespace balcao::app {

Services::Services(Ground ground, auth::Settings settings, std::vector<jwt::Key> keys)
    : settings_(std::move(settings)),
      signer_(keys.back()),
      verifier_(keys, settings_.issuer, settings_.audience),
      guard_(verifier_, revocations_, ground.clock, ground.loops),
      auth_store_(ground.auth),
      accounts_(auth_store_, ground.workers, ground.shared, ground.clock, settings_),
      sessions_(auth_store_, signer_, verifier_, revocations_, ground.clock, settings_),
      revocation_feed_(auth_store_, revocations_, ground.clock, settings_),
      auth_{accounts_, sessions_, auth::jwks(keys)},
      payments_store_(ground.payments),
      payment_jobs_(ground.payments, "payments", ground.clock),
      clients_(payments_store_, ground.gateway, payment_jobs_, ground.clock),
      payments_{clients_},
      products_store_(ground.products),
      pages_(ground.loops),
      catalog_(products_store_, ground.clock, [this] { pages_.invalidate(); }),
      products_{catalog_, pages_} {}

http::Endpoints Services::endpoints() {
  auto all = auth::endpoints(auth_);
  std::ranges::move(payments::endpoints(payments_), std::back_inserter(all));
  std::ranges::move(products::endpoints(products_), std::back_inserter(all));
  return all;
}

}  // namespace balcao::app
