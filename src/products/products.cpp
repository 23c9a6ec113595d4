#include "products/products.hpp"

namespace balcao::products {

Service::Service(Ground ground)
    : store_(ground.database, ground.loops),
      pages_({.loops = ground.loops, .is_current = [&shared = ground.shared] { return shared.current(); }}),
      changes_(ground.shared, pages_),
      catalog_(store_, ground.clock, [this] { changes_.note(); }) {}

}  // namespace balcao::products
