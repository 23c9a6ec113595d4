#pragma once

#include "auth/second_factor/second_factor.hpp"
#include "platform/http/endpoint.hpp"

namespace balcao::auth {

/// The endpoints of second factors, which must outlive them.
http::Endpoints second_factor_endpoints(SecondFactors& factors);

}  // namespace balcao::auth
