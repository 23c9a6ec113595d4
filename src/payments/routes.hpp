#pragma once

#include "payments/clients/clients.hpp"
#include "platform/http/endpoint.hpp"

namespace balcao::payments {

/// The endpoints of each topic; what they are given must outlive them.
http::Endpoints client_endpoints(Clients& clients);

}  // namespace balcao::payments
