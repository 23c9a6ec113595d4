#pragma once

#include "platform/http/endpoint.hpp"

namespace balcao::auth {

class Service;

/// The endpoints of each topic; the service must outlive them.
http::Endpoints account_endpoints(Service& auth);
http::Endpoints session_endpoints(Service& auth);
http::Endpoints second_factor_endpoints(Service& auth);
http::Endpoints administration_endpoints(Service& auth);
http::Endpoints setup_endpoints(Service& auth);
http::Endpoints service_account_endpoints(Service& auth);
/// Token endpoint (RFC 6749 §4.4), introspection (RFC 7662), revocation (RFC 7009), and the metadata that tells where
/// they are (RFC 8414).
http::Endpoints oauth_endpoints(Service& auth);

}  // namespace balcao::auth
