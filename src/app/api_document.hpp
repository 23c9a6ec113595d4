#pragma once

#include <string>

namespace balcao::app {

/// The OpenAPI document of all services and of the process itself, made from what the code declares. It is the same in
/// a process that runs a part of them.
std::string api_document();

}  // namespace balcao::app
