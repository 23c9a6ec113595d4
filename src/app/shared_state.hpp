#pragma once

#include <memory>

#include "app/config.hpp"
#include "platform/runtime/loops.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::app {

/// What processes share: in Redis, or in this one's memory. It begins to connect when the loops run, which must outlive
/// it.
std::unique_ptr<shared::SharedState> make_shared_state(Config const& config, Loops& loops, Clock const& clock);

}  // namespace balcao::app
