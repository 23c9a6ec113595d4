#pragma once

#include <memory>
#include <span>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "platform/db/sqlite/connection.hpp"
#include "platform/db/sqlite/interactive_transaction.hpp"
#include "platform/db/sqlite/queue.hpp"

namespace balcao::db::sqlite {

/// What waits for the writer: statements or a script, all or none of it; or the wish to have the writer for oneself.
struct Write {
  struct Script {
    std::string sql;
  };
  std::variant<std::vector<Call>, Script, std::shared_ptr<InteractiveTransaction>> work;
  Deadline deadline;
  Outcome* outcome;
  Waiter waiter;
};

/// The one thread that writes. A commit costs a flush to disk however much it holds, so everything that waits is
/// committed together, and answered only after that.
class Writer {
 public:
  static constexpr Statement commit{"commit", "COMMIT"};

  explicit Writer(Options const& options);
  /// Does what is queued; an open interactive transaction is rolled back.
  ~Writer();

  /// Answers through the Write's outcome and waiter, also when it is refused.
  void submit(Write write);

 private:
  void run(std::stop_token stop);
  void commit_together(std::span<Write> group);
  void perform(Write& write);
  void serve(Write& begin, std::stop_token stop);

  std::chrono::milliseconds const longest_transaction_;
  Connection connection_;
  Queue<Write> queue_;
  std::jthread thread_;
};

}  // namespace balcao::db::sqlite
