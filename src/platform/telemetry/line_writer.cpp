#include "platform/telemetry/line_writer.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

namespace balcao::output {
namespace {

constexpr std::chrono::milliseconds between_looks{100};

std::uint64_t lines_in(std::string_view text) { return static_cast<std::uint64_t>(std::ranges::count(text, '\n')); }

/// As many whole lines as a pipe takes at once: they stay whole where other processes write to it too, and a pipe with
/// room for them does not block.
std::string_view first_piece(std::string_view text) {
  if (text.size() <= PIPE_BUF) return text;
  auto const end = text.rfind('\n', PIPE_BUF - 1);
  return text.substr(0, end == text.npos ? PIPE_BUF : end + 1);
}

}  // namespace

LineWriter::LineWriter(int descriptor, std::size_t max_bytes, Notice notice)
    : descriptor_(descriptor), max_bytes_(max_bytes), notice_(std::move(notice)), thread_([this] { run(); }) {}

LineWriter::~LineWriter() {
  {
    std::lock_guard const lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void LineWriter::write(std::string_view lines) {
  {
    std::lock_guard const lock(mutex_);
    if (dropped_ > 0 || queued_.size() + in_hand_ + lines.size() > max_bytes_) {
      dropped_ += lines_in(lines);
      try_again_ = true;
    } else {
      queued_ += lines;
    }
  }
  changed_.notify_all();
}

bool LineWriter::flush(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [this] { return in_hand_ == 0 && !has_work(); });
}

/// Under the mutex.
bool LineWriter::has_work() const { return !queued_.empty() || (dropped_ > 0 && (!is_failing_ || try_again_)); }

void LineWriter::run() {
  Lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || has_work(); });
    if (stopping_) return;
    if (queued_.empty()) {
      write_notice(lock);
    } else {
      write_queued(lock);
    }
    changed_.notify_all();
  }
}

void LineWriter::write_queued(Lock& lock) {
  auto const text = std::exchange(queued_, {});
  dropped_ += lines_in(put(text, lock));
}

void LineWriter::write_notice(Lock& lock) {
  auto const told = dropped_;
  try_again_ = false;
  auto const text = notice_(told);
  if (put(text, lock).empty()) dropped_ -= told;
}

/// Gives what could not be written.
std::string_view LineWriter::put(std::string_view text, Lock& lock) {
  in_hand_ = text.size();
  is_failing_ = false;
  while (!text.empty() && !is_failing_) {
    lock.unlock();
    auto const piece = first_piece(text);
    auto const written = await_room() ? ::write(descriptor_, piece.data(), piece.size()) : 0;
    bool const has_failed = written < 0 && errno != EINTR && errno != EAGAIN;
    lock.lock();
    if (stopping_) break;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
    in_hand_ = text.size();
    is_failing_ = has_failed;
  }
  in_hand_ = 0;
  return text;
}

/// Waits a moment. A reader that is gone, or no descriptor, counts as room: writing then says what is wrong.
bool LineWriter::await_room() {
  pollfd asked{descriptor_, POLLOUT, 0};
  return ::poll(&asked, 1, static_cast<int>(between_looks.count())) > 0;
}

}  // namespace balcao::output
