#pragma once

#include "platform/http/endpoint.hpp"

namespace balcao::auth {

class Service;

/// The endpoints of each topic; the service must outlive them.
http::Endpoints account_endpoints(Service& auth);
http::Endpoints session_endpoints(Service& auth);
http::Endpoints administration_endpoints(Service& auth);
http::Endpoints setup_endpoints(Service& auth);

}  // namespace balcao::auth
