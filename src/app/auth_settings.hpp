#pragma once

#include "app/config.hpp"
#include "auth/keys/model.hpp"
#include "auth/model.hpp"

namespace balcao::app {

/// Auth's part of the configuration.
auth::Settings auth_settings(Config const& config);

/// What they say of the keys that sign tokens.
auth::KeySettings key_settings(Config const& config);

/// How many passwords are hashed at once: one on each core, and no more than fit into half a gigabyte.
std::size_t hashing_threads(Config const& config);

}  // namespace balcao::app
