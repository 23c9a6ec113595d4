#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "platform/runtime/task.hpp"

namespace balcao {

/// The event loops: one thread each, one loop a core. What is started on a loop stays on it.
class Loops {
 public:
  explicit Loops(std::size_t count);
  /// Stops and joins.
  ~Loops();

  std::size_t size() const { return contexts_.size(); }
  boost::asio::io_context& operator[](std::size_t index) { return *contexts_[index]; }

  /// Runs all loops, the first one on the calling thread, until `stop`.
  void run();
  /// From any thread.
  void stop();

 private:
  using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

  std::vector<std::unique_ptr<boost::asio::io_context>> contexts_;
  std::vector<Guard> guards_;
  std::vector<std::thread> threads_;
};

/// The index of the loop that the calling thread runs; 0 on a thread that runs none.
std::size_t current_loop();

/// Starts a coroutine on a loop. What it throws is passed to `failed`, or logged and ends the program where there is
/// none.
void start(boost::asio::io_context& loop, Task<> task, std::function<void(std::exception_ptr)> failed = {});

/// Runs one coroutine to its end on the loop, on the calling thread; throws what it throws. For the command line, and
/// before the loops run.
void run_to_end(boost::asio::io_context& loop, Task<> task);

/// Waits, without blocking the loop.
Task<> pause(std::chrono::milliseconds duration);

}  // namespace balcao
