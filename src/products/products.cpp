#include "products/products.hpp"

#include <iterator>

#include "products/routes.hpp"

namespace balcao::products {

Service::Service(Ground ground)
    : store_(ground.database, ground.loops),
      transfer_store_(ground.database),
      pages_({.loops = ground.loops, .is_current = [&shared = ground.shared] { return shared.current(); }}),
      changes_(ground.shared, pages_),
      // No product has changed then, but lists that are kept.
      indexing_(store_.words(), [this] { changes_.note(Id<Product>{}); }),
      catalog_(store_, ground.clock,
               [this](Id<Product> id) {
                 changes_.note(id);
                 indexing_.note();
               }),
      transfer_(
          transfer_store_, ground.clock,
          [this](std::span<Id<Product> const> ids) {
            changes_.note(ids);
            indexing_.note();
          },
          [this] {
            pages_.invalidate();
            indexing_.note();
          }) {}

http::Endpoints Service::endpoints() {
  auto all = catalog_endpoints(catalog_, pages_);
  std::ranges::move(transfer_endpoints(transfer_), std::back_inserter(all));
  return all;
}

std::vector<Task<>> Service::background() {
  std::vector<Task<>> tasks;
  tasks.push_back(changes_.spread());
  tasks.push_back(indexing_.run());
  tasks.push_back(transfer_.follow());
  return tasks;
}

void Service::stop() {
  changes_.stop();
  indexing_.stop();
  transfer_.stop();
}

}  // namespace balcao::products
