#include "products/products.hpp"

#include <algorithm>
#include <iterator>

#include "products/routes.hpp"

namespace balcao::products {

Service::Service(Ground ground)
    : store_(ground.database, ground.loops),
      transfer_store_(ground.database),
      pages_({.loops = ground.loops, .is_current = [&shared = ground.shared] { return shared.current(); }}),
      changes_(ground.shared, pages_),
      indexing_(store_.words(), [this] { changes_.note_lists(); }),
      catalog_(store_, ground.clock,
               [this](Id<Product> id, std::vector<std::string> words) {
                 changes_.note(id);
                 indexing_.note(std::move(words));
               }),
      keys_(ground.database, "products", ground.clock),
      order_store_(ground.database),
      reservations_(
          {order_store_, keys_, ground.clock, ground.orders, [this](auto const& ids) { changes_.note(ids); }}),
      orders_({order_store_, reservations_, keys_, ground.payments, ground.clock}),
      transfer_(
          transfer_store_, ground.clock,
          [this](std::span<Id<Product> const> ids) {
            changes_.note(ids);
            indexing_.note_all();
          },
          [this] {
            pages_.invalidate();
            indexing_.note_all();
          }),
      purge_(ground.clock) {
  purge_.add("products.idempotency_keys", [this](Time now, std::int64_t most) { return keys_.purge(now, most); });
}

http::Endpoints Service::endpoints() {
  auto all = contracts::endpoints(*this);
  std::ranges::move(catalog_endpoints(catalog_, pages_), std::back_inserter(all));
  std::ranges::move(order_endpoints(orders_), std::back_inserter(all));
  std::ranges::move(transfer_endpoints(transfer_), std::back_inserter(all));
  return all;
}

std::vector<Task<>> Service::background() {
  std::vector<Task<>> tasks;
  tasks.push_back(changes_.spread());
  tasks.push_back(indexing_.run());
  tasks.push_back(orders_.run());
  tasks.push_back(transfer_.follow());
  tasks.push_back(purge_.run());
  return tasks;
}

void Service::stop() {
  changes_.stop();
  indexing_.stop();
  transfer_.stop();
  orders_.stop();
  purge_.stop();
}

Task<std::vector<jobs::SetAside>> Service::set_aside() {
  std::vector<jobs::SetAside> all;
  all.push_back(co_await order_store_.due().count_set_aside());
  co_return all;
}

Task<> Service::order_changed(Uuid order) { return orders_.changed({order}); }

Task<std::optional<contracts::OrderToPay>> Service::order_to_pay(Uuid order, Uuid user) {
  return orders_.to_pay({order}, {user});
}

}  // namespace balcao::products
