#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "platform/runtime/clock.hpp"
#include "platform/runtime/task.hpp"
#include "platform/runtime/wake_up.hpp"

namespace balcao::db {

/// Removes rows that are past their time, in a task of its own beside the work: portion by portion, so that other
/// statements pass between two of them. A table is looked at once an hour; one whose removal fails is logged, tried
/// again a minute later, and keeps neither the work nor the other tables waiting.
class Purge {
 public:
  static constexpr std::int64_t portion = 1000;

  /// Deletes at most `most` old rows by a statement that an index serves; gives how many it deleted. There may be more
  /// where it gives `most`.
  using Remove = std::function<Task<std::int64_t>(Time now, std::int64_t most)>;

  /// The clock must outlive it.
  explicit Purge(Clock const& clock) : clock_(clock) {}

  /// `what` is for the log. Before `run`.
  void add(std::string what, Remove remove) { tables_.push_back({std::move(what), std::move(remove), {}}); }

  /// Until `stop`, and then to the end of the portion under way.
  Task<> run();
  /// From any thread.
  void stop();

 private:
  struct Table {
    std::string what;
    Remove remove;
    Time next;
  };

  bool is_due(Table const& table) const;
  Task<bool> remove_portion(Table& table);

  Clock const& clock_;
  std::vector<Table> tables_;
  std::atomic<bool> stopping_ = false;
  WakeUp wake_up_;
};

}  // namespace balcao::db
