#pragma once

#include <deque>

#include "../base/tasks.hpp"
#include "platform/db/owned_statement.hpp"

namespace balcao::test {

/// Statements of one name, each with a text of its own of 1 KiB: they give their number, and as many more as their
/// parameter.
class MadeStatements {
 public:
  static constexpr std::size_t bytes = 1024;

  explicit MadeStatements(int count) {
    for (int i = 0; i < count; ++i) {
      auto text = "SELECT " + std::to_string(i) + " + $1::bigint";
      text.insert(6, bytes - text.size(), ' ');
      statements_.emplace_back("made", std::move(text));
    }
  }

  db::Call call(int i, int more) const { return db::call(statements_.at(static_cast<std::size_t>(i)).statement, more); }

  /// Each of them, one after the other. Gives how many gave what they should.
  Task<int> ask_all(db::Database& database) const {
    int right = 0;
    for (int i = 0; i < static_cast<int>(statements_.size()); ++i) {
      auto const rows = co_await database.query(call(i, 1));
      right += rows.front().get<int>(0) == i + 1 ? 1 : 0;
    }
    co_return right;
  }

  /// All together and the first once more.
  std::vector<db::Call> all_and_the_first() const {
    std::vector<db::Call> calls;
    for (int i = 0; i < static_cast<int>(statements_.size()); ++i) calls.push_back(call(i, 1));
    calls.push_back(call(0, 1));
    return calls;
  }

 private:
  std::deque<db::OwnedStatement> statements_;
};

}  // namespace balcao::test
