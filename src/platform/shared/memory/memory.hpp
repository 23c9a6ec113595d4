#pragma once

#include <memory>

#include "platform/runtime/loops.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::shared::memory {

/// Some 5 MB of each kind.
inline constexpr std::size_t default_counters_per_kind = 50'000;

/// Shared state in this process's memory: right for one process only, and always current. Its counters are bounded as
/// Counters says.
std::unique_ptr<SharedState> make(Clock const& clock, Loops& loops,
                                  std::size_t max_per_kind = default_counters_per_kind);

/// For a process that runs no loops, a command: it counts, and its messages reach nobody.
std::unique_ptr<SharedState> make(Clock const& clock, std::size_t max_per_kind = default_counters_per_kind);

}  // namespace balcao::shared::memory
