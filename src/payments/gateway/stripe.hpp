#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "payments/gateway/gateway.hpp"

namespace balcao::payments {

struct StripeSettings {
  std::string api_base;  ///< `https://api.stripe.com`, or where the sandbox is
  std::string secret_key;
  std::chrono::milliseconds exchange_deadline{20'000};  ///< for one attempt; a call has two and a half of it
};

/// Stripe's HTTP API v1, as StripeApi speaks it. Throws std::invalid_argument for a base address that is none.
std::unique_ptr<Gateway> make_stripe(StripeSettings settings);

}  // namespace balcao::payments
