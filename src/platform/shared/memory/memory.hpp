#pragma once

#include <memory>

#include "platform/runtime/loops.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::shared::memory {

/// Shared state in this process's memory: right for one process only, and always current. Bounded: when there are more
/// than `max_keys` counters, those whose window has ended are dropped, and then those that end soonest.
std::unique_ptr<SharedState> make(Clock const& clock, Loops& loops, std::size_t max_keys = 100'000);

/// For a process that runs no loops, a command: it counts, and its messages reach nobody.
std::unique_ptr<SharedState> make(Clock const& clock, std::size_t max_keys = 100'000);

}  // namespace balcao::shared::memory
