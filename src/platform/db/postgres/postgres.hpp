#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "platform/db/database.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::db::postgres {

struct Options {
  /// `postgres://user:password@host:port/database?sslmode=…`; several hosts, `target_session_attrs` and whatever else
  /// libpq knows. A server that accepts writes is looked for unless it says otherwise.
  std::string url;
  std::size_t connections_per_loop = 3;   ///< shared by all statements and batches; the first takes no writes
  std::size_t transactions_per_loop = 2;  ///< more connections, made at need, each held by one interactive transaction
  std::size_t in_flight_limit = 32;       ///< calls that a connection is sent together, and has not answered yet
  std::size_t queue_limit = 4096;         ///< waiting calls of a loop beyond which one is refused with 503
  std::chrono::milliseconds deadline{5000};           ///< for waiting, and for an interactive transaction as a whole
  std::chrono::milliseconds statement_timeout{4000};  ///< after which the server cancels a statement
  std::chrono::milliseconds connect_timeout{3000};    ///< for each address of each host
  std::chrono::milliseconds script_timeout{600'000};  ///< for `execute_script`
};

/// The connections of one process: a few for each event loop, used by that loop only, so no request meets a lock.
class Pool;

/// Starts connecting, and does so again whenever a connection is lost; what is called meanwhile waits a moment and is
/// then refused with 503. Throws db::Error where the URL cannot be used; no message of this driver quotes the URL.
///
/// The databases of the pool are called from coroutines of `loops`, which must outlive it; a thread that runs no loop
/// counts as the first (`run_to_end(loops[0], …)` before they run).
std::shared_ptr<Pool> connect(Loops& loops, Options options);

/// Throws db::Error where the URL cannot be used, without quoting it. No I/O.
void check_url(std::string const& url);

/// One schema's Database on the pool's connections, which it keeps.
std::unique_ptr<Database> open(std::shared_ptr<Pool> pool, std::string schema);

}  // namespace balcao::db::postgres
