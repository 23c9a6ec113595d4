#pragma once

#include <memory>
#include <string>

#include "platform/db/postgres/lanes.hpp"

namespace balcao::db::postgres {

/// Runs several statements, all or none, on a connection made for them: theirs alone is the longer time that they may
/// take, and whatever they leave set ends with it.
Task<> run_script(std::shared_ptr<Settings const> settings, std::string script);

}  // namespace balcao::db::postgres
