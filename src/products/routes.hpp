#pragma once

#include "platform/http/response_cache.hpp"
#include "products/catalog/catalog.hpp"
#include "products/orders/orders.hpp"
#include "products/transfer/transfer.hpp"

namespace balcao::products {

/// Who asks, as the guard knows him.
inline Actor actor(http::Caller const& caller) {
  return {Id<Owner>{caller.user}, caller.administrator, caller.service_account};
}

/// `pages` keeps the public lists. What they are given must outlive the endpoints.
http::Endpoints catalog_endpoints(Catalog& catalog, http::ResponseCache& pages);

/// What they are given must outlive the endpoints.
http::Endpoints order_endpoints(orders::Orders& all);
http::Endpoints transfer_endpoints(Transfer& transfer);

}  // namespace balcao::products
