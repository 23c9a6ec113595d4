#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace balcao::output {

/// Writes lines to a descriptor from a thread of its own, so that a reader that is slow, blocked or gone delays nobody.
/// What it keeps is bounded: a line that does not fit is dropped and counted, and so is every line after it until all
/// that is kept has been written; then one line says how many there were. A line that cannot be written (a reader that
/// is gone, a full disk) is counted too.
class LineWriter {
 public:
  /// Makes the line, with its end, that tells of so many dropped ones.
  using Notice = std::function<std::string(std::uint64_t dropped)>;

  /// The descriptor must stay open. `max_bytes`: what is kept at most. SIGPIPE must be ignored.
  LineWriter(int descriptor, std::size_t max_bytes, Notice notice);
  /// Drops what is not written.
  ~LineWriter();

  /// Takes one line or several, each with its end. Never waits for the reader. From any thread.
  void write(std::string_view lines);

  /// Waits until all is written, at most so long; whether it is. From any thread.
  bool flush(std::chrono::milliseconds patience);

 private:
  using Lock = std::unique_lock<std::mutex>;

  void run();
  bool has_work() const;
  void write_queued(Lock& lock);
  void write_notice(Lock& lock);
  std::string_view put(std::string_view text, Lock& lock);
  bool await_room();

  int const descriptor_;
  std::size_t const max_bytes_;
  Notice const notice_;
  std::mutex mutex_;  // never held over a system call
  std::condition_variable changed_;
  std::string queued_;
  std::size_t in_hand_ = 0;    ///< bytes that the thread has taken and not written yet
  std::uint64_t dropped_ = 0;  ///< lines that no written notice has told of
  bool is_failing_ = false;    ///< the last write failed: it is tried again when the next line comes
  bool try_again_ = false;
  bool stopping_ = false;
  std::thread thread_;  ///< last, since it uses the others
};

}  // namespace balcao::output
