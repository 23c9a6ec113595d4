#pragma once

#include <string_view>
#include <vector>

#include "platform/db/migrations.hpp"

namespace balcao::products {

/// The steps of the schema `products` for an engine.
std::vector<db::Migration> migrations(std::string_view engine);

}  // namespace balcao::products
