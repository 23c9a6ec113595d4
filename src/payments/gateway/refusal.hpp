#pragma once

#include "payments/gateway/gateway.hpp"
#include "payments/model.hpp"

namespace balcao::payments {

/// What the client is told of the gateway's refusal: gateway_misconfigured where it did not like our key, else
/// gateway_refused with the gateway's own code as `gateway_code` and its words.
Problem refusal(GatewayRefused const& refused);

/// Problem unavailable: the gateway could not be asked, and nothing is done.
Problem gateway_away();

}  // namespace balcao::payments
