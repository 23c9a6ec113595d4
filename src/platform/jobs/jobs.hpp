#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "platform/db/database.hpp"
#include "platform/jobs/isolation.hpp"

namespace balcao::jobs {

/// What a handler is given: `key` is unique for its `kind`, `attempt` counts from 1.
struct Job {
  Uuid id;
  std::string kind;
  std::string key;
  std::string payload;
  int attempt;
};

/// Does the job. Returning means done; throwing means once more later (backoff with jitter, from one second to one
/// hour). It runs at least once, so it must be idempotent. It runs on the event loop where the Runner was started.
using Handler = std::function<Task<>(Job const&)>;

/// The durable jobs of one schema, in its table `<schema>.jobs`.
class Jobs {
 public:
  Jobs(db::Database& database, std::string schema, Clock const& clock);
  ~Jobs();

  /// The statement call that enqueues a job, to be put into the batch or transaction that causes it. A job of the same
  /// kind and key that is already there is kept. `delay` is from now.
  db::Call enqueue(std::string_view kind, std::string_view key, std::string_view payload,
                   std::chrono::milliseconds delay = {}) const;

  /// Names the handler of a kind; before `run`.
  void handle(std::string kind, Handler handler);

  /// Tells the runner that there is new work, so that it need not wait for its next look. From any thread.
  void wake();

  /// Leases due jobs (a few at a time, one minute each and longer while they run), runs their handlers, marks them done
  /// or due again, until `stop`. Looks once a second and whenever woken. Leases of a process that died run out, and
  /// each of its jobs is done again, alone (see Isolation); one with which processes die `max_deaths` times in a row is
  /// set aside for a day. Removes jobs that were done a day ago.
  Task<> run();

  /// Ends `run` after the jobs under way. From any thread.
  void stop();

  /// How many jobs are set aside.
  Task<std::int64_t> count_set_aside() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< the coroutines of `run` keep it too
};

}  // namespace balcao::jobs
