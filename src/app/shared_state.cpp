#include "app/shared_state.hpp"

#include "platform/shared/memory/memory.hpp"
#include "platform/shared/redis/redis.hpp"

namespace balcao::app {

std::unique_ptr<shared::SharedState> make_shared_state(Config const& config, Loops& loops, Clock const& clock) {
  if (!config.redis_url) return shared::memory::make(clock, loops);
  return shared::redis::make({.url = *config.redis_url, .ca_file = config.redis_ca_file}, loops, clock);
}

}  // namespace balcao::app
