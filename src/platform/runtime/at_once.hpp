#pragma once

#include <vector>

#include "platform/runtime/task.hpp"

namespace balcao {

/// Runs the tasks side by side on the caller's loop and waits for all of them; then throws what the first one to fail
/// has thrown, if any did.
Task<> at_once(std::vector<Task<>> tasks);

}  // namespace balcao
