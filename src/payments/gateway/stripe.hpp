#pragma once

#include <memory>
#include <string>

#include "payments/gateway/gateway.hpp"

namespace balcao::payments {

struct StripeSettings {
  std::string api_base;  ///< `https://api.stripe.com`, or where the sandbox is
  std::string secret_key;
};

/// Stripe's HTTP API v1, with its official client's retry rules: cut connections, 409 and 5xx are tried again, twice,
/// with the same key, unless `Stripe-Should-Retry` says otherwise; 429 only where it says so.
std::unique_ptr<Gateway> make_stripe(StripeSettings settings);

}  // namespace balcao::payments
