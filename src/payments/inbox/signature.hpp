#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/runtime/clock.hpp"

namespace balcao::payments {

/// Whether `Stripe-Signature` says that the bytes come from who has one of the secrets, at most 300 seconds before or
/// after `now`: `t=<unix>,v1=<hex>[,v1=…]`, HMAC-SHA256 over `t.body` with the whole secret as the key
/// (https://docs.stripe.com/webhooks#verify-manually). Every signature is compared with every secret in constant time.
/// No I/O.
bool is_signed(std::string_view header, std::string_view body, std::vector<std::string> const& secrets, Time now);

}  // namespace balcao::payments
