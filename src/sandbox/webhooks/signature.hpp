#pragma once

#include <string>
#include <string_view>

#include "platform/runtime/clock.hpp"

namespace balcao::sandbox::webhooks {

/// The value of `Stripe-Signature` for a body that is sent now: `t=<unix seconds>,v1=<hex>`, where v1 is the
/// HMAC-SHA256 of `t.body` under the whole secret, its `whsec_` included
/// (https://docs.stripe.com/webhooks#verify-manually).
std::string signature(std::string_view body, std::string_view secret, Time now);

}  // namespace balcao::sandbox::webhooks
