#include "products/products.hpp"

#include "products/routes.hpp"

namespace balcao::products {

Service::Service(Ground ground)
    : store_(ground.database, ground.loops),
      pages_({.loops = ground.loops, .is_current = [&shared = ground.shared] { return shared.current(); }}),
      changes_(ground.shared, pages_),
      // No product has changed then, but lists that are kept.
      indexing_(store_.words(), [this] { changes_.note(Id<Product>{}); }),
      catalog_(store_, ground.clock, [this](Id<Product> id) {
        changes_.note(id);
        indexing_.note();
      }) {}

http::Endpoints Service::endpoints() { return catalog_endpoints(catalog_, pages_); }

std::vector<Task<>> Service::background() {
  std::vector<Task<>> tasks;
  tasks.push_back(changes_.spread());
  tasks.push_back(indexing_.run());
  return tasks;
}

void Service::stop() {
  changes_.stop();
  indexing_.stop();
}

}  // namespace balcao::products
