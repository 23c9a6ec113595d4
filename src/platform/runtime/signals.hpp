#pragma once

#include <string_view>

#include "platform/runtime/task.hpp"

namespace balcao {

/// Waits for SIGTERM or SIGINT, which then no longer kill the process, and gives the name of the one that came. A
/// second signal while the process shuts down ends it at once.
Task<std::string_view> termination_signal();

}  // namespace balcao
