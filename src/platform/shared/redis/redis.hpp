#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "platform/runtime/loops.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::shared::redis {

struct Options {
  std::string url = {};      ///< `redis://` or `rediss://` (TLS), `[user[:password]@]host[:port][/database]`
  std::string ca_file = {};  ///< certificates to trust beside the system's, for `rediss`
  /// For an answer; when it has passed, the connection is given up and counting goes on locally.
  std::chrono::milliseconds deadline{250};
  std::size_t in_flight = 4096;  ///< commands of one loop beyond which one is refused with 503
};

/// Shared state in Redis 6 or newer (or Valkey), for any number of processes: one connection a loop for commands, many
/// in flight on each, and one for messages, on the first loop. They connect when the loops run and come back by
/// themselves; meanwhile `count` counts locally, `publish` throws at once, and nothing is `current`. All keys and
/// channels begin with `balcao:`. Throws std::invalid_argument for an address that is none; no text of any exception or
/// log line contains the password.
std::unique_ptr<SharedState> make(Options const& options, Loops& loops, Clock const& clock);

/// Throws std::invalid_argument where the address is none or the file of certificates cannot be read. No I/O otherwise.
void check(Options const& options);

}  // namespace balcao::shared::redis
