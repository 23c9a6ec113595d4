#pragma once

#include "payments/clients.hpp"
#include "platform/http/endpoint.hpp"

namespace balcao::payments {

/// What the endpoints stand on.
struct Service {
  Clients& clients;
};

/// The endpoints of Payments; `service` must outlive them.
http::Endpoints endpoints(Service& service);

}  // namespace balcao::payments
