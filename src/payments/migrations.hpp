#pragma once

#include <string_view>
#include <vector>

#include "platform/db/migrations.hpp"

namespace balcao::payments {

/// The steps of the schema `payments` for an engine.
std::vector<db::Migration> migrations(std::string_view engine);

}  // namespace balcao::payments
