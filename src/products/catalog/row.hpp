#pragma once

#include <string_view>

#include "platform/db/value.hpp"
#include "products/catalog/model.hpp"

namespace balcao::products {

/// The columns of a product, as `read_product` takes them.
inline constexpr std::string_view product_columns =
    "id, owner_id, name, description, price, currency, stock, image_url, active, version, created_at, updated_at";

Product read_product(db::Row const& row);

}  // namespace balcao::products
