#pragma once

#include "app/config.hpp"

namespace balcao::app {

/// Which services a process runs.
struct Selection {
  bool auth = true;
  bool payments = true;
  bool products = true;

  bool is_whole() const { return auth && payments && products; }
};

/// What is allowed in production and should not be, for a process that runs these services.
std::vector<std::string> production_warnings(Config const& config, Selection const& selection);

/// Throws ConfigError where these services cannot do their work with these settings: another service is nowhere, or
/// processes that belong together have nothing in common.
void require_wiring(Config const& config, Selection const& selection);

}  // namespace balcao::app
