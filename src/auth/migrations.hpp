#pragma once

#include <string_view>
#include <vector>

#include "platform/db/migrations.hpp"

namespace balcao::auth {

/// The steps of the schema `auth` for an engine.
std::vector<db::Migration> migrations(std::string_view engine);

}  // namespace balcao::auth
