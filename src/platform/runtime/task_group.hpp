#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "platform/runtime/task.hpp"

namespace balcao {

/// Tasks that go on beside each other on one loop, and end together. To be used on that loop alone.
class TaskGroup {
 public:
  TaskGroup();

  /// Starts a task on the loop of the caller. What it throws is logged.
  Task<> start(Task<> task);
  std::size_t running() const;
  /// Ends what the tasks wait for, and each task at its next wait, by an exception. To be done once.
  void cut_off();
  /// Waits until none is left.
  Task<> join();

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< those that end keep it too
};

/// Runs the tasks side by side on the caller's loop, and waits for all of them. What they throw is logged.
Task<> at_once(std::vector<Task<>> tasks);

}  // namespace balcao
