#pragma once

#include <deque>
#include <thread>
#include <vector>

#include "platform/db/sqlite/connection.hpp"
#include "platform/db/sqlite/queue.hpp"

namespace balcao::db::sqlite {

/// Statements that only read. Several see one state of the database.
struct Read {
  std::vector<Call> calls;
  Deadline deadline;
  Outcome* outcome;
  Waiter waiter;
};

/// Threads that read beside the writer. A read sees every write that was answered before it began.
class Readers {
 public:
  explicit Readers(Options const& options);
  /// Answers what is queued.
  ~Readers();

  /// Answers through the Read's outcome and waiter, also when it is refused.
  void submit(Read read);

 private:
  void run(Connection& connection);

  Queue<Read> queue_;
  std::deque<Connection> connections_;
  std::vector<std::jthread> threads_;
};

}  // namespace balcao::db::sqlite
