#include "products/catalog/row.hpp"

namespace balcao::products {

Product read_product(db::Row const& row) {
  return {row.get<Id<Product>>(0),
          row.get<Id<Owner>>(1),
          row.get<std::string>(2),
          row.get<std::string>(3),
          row.get<std::int64_t>(4),
          row.get<std::string>(5),
          row.get<std::optional<std::int64_t>>(6),
          row.get<std::optional<std::string>>(7),
          row.get<bool>(8),
          row.get<std::int64_t>(9),
          row.get<Time>(10),
          row.get<Time>(11)};
}

}  // namespace balcao::products
