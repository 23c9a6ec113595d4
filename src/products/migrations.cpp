#include "products/migrations.hpp"

namespace balcao::products {

std::string_view embedded(std::string_view name);

std::vector<db::Migration> migrations(std::string_view engine) {
  auto const text = [&](std::string const& step) {
    return std::string(embedded(step + '.' + std::string(engine) + ".sql"));
  };
  return {{1, "products", text("0001_products")},
          {2, "search", text("0002_search")},
          {3, "orders", text("0003_orders")},
          {4, "transfer", text("0004_transfer")},
          {5, "set_aside", text("0005_set_aside")}};
}

}  // namespace balcao::products
