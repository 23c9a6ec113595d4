#include "app/commands/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

namespace balcao::app::commands {

bool Progress::is_terminal() { return ::isatty(STDERR_FILENO) != 0; }

void Progress::show(std::uint64_t rows, std::uint64_t done) {
  auto const now = std::chrono::steady_clock::now();
  if (now < next_) return;
  next_ = now + interval_;
  auto text = line(rows, now);
  if (total_)
    text +=
        ", " + std::to_string(std::min<std::uint64_t>(100, 100 * done / std::max<std::uint64_t>(*total_, 1))) + " %";
  std::fprintf(stderr, is_terminal_ ? "\r\033[K%s" : "%s\n", text.c_str());
  is_shown_ = is_terminal_;
}

void Progress::tell(std::uint64_t line, std::string const& why) {
  clear();
  std::fprintf(stderr, "line %llu: %s\n", static_cast<unsigned long long>(line), why.c_str());
}

void Progress::finish(std::uint64_t rows) {
  clear();
  std::fprintf(stderr, "%s\n", line(rows, std::chrono::steady_clock::now()).c_str());
}

std::string Progress::line(std::uint64_t rows, Moment now) const {
  std::chrono::duration<double> const taken = now - begun_;
  auto const rate = static_cast<std::uint64_t>(static_cast<double>(rows) / std::max(taken.count(), 0.001));
  return std::to_string(rows) + " rows, " + std::to_string(rate) + " rows/s";
}

void Progress::clear() {
  if (std::exchange(is_shown_, false)) std::fputs("\r\033[K", stderr);
}

}  // namespace balcao::app::commands
