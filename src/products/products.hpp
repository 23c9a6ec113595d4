#pragma once

#include "platform/http/response_cache.hpp"
#include "products/catalog.hpp"

namespace balcao::products {

/// What the endpoints stand on.
struct Service {
  Catalog& catalog;
  http::ResponseCache& pages;  ///< the public lists, dropped by every write
};

/// The endpoints of Products; `service` must outlive them.
http::Endpoints endpoints(Service& service);

}  // namespace balcao::products
