#include "platform/telemetry/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "platform/telemetry/line_writer.hpp"

namespace balcao::output {
namespace {

/// Some 5,000 lines: what comes within a moment in which the reader does not read.
constexpr std::size_t max_kept_bytes = 1024 * 1024;

struct Writers {
  explicit Writers(LineWriter::Notice const& notice)
      : out(STDOUT_FILENO, max_kept_bytes, notice), error(STDERR_FILENO, max_kept_bytes, notice) {}

  LineWriter out;
  LineWriter error;
};

/// Never destroyed: what runs after main, or on a thread that outlives it, may still write.
std::atomic<Writers*> background = nullptr;

void write_now(int descriptor, std::string_view text) {
  while (!text.empty()) {
    auto const written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

void write(Stream stream, std::string_view lines) {
  if (auto* const writers = background.load()) {
    return (stream == Stream::out ? writers->out : writers->error).write(lines);
  }
  write_now(stream == Stream::out ? STDOUT_FILENO : STDERR_FILENO, lines);
}

void start_background(std::function<std::string(std::uint64_t dropped)> notice) {
  std::signal(SIGPIPE, SIG_IGN);
  background = new Writers(notice);
}

void flush(std::chrono::milliseconds patience) {
  auto* const writers = background.load();
  if (!writers) return;
  auto const end = std::chrono::steady_clock::now() + patience;
  for (auto* const writer : {&writers->error, &writers->out}) {
    auto const left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    writer->flush(std::max(left, std::chrono::milliseconds(0)));
  }
}

void occupy_closed_streams() {
  for (int const stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(stream, F_GETFD) >= 0 || errno != EBADF) continue;
    // It gets the lowest free number, which is this one; and is opened for what nobody does with it.
    if (::open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY) != stream) {
      throw std::system_error(errno, std::generic_category(), "cannot open /dev/null");
    }
  }
}

}  // namespace balcao::output
