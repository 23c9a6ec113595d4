#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace balcao::app::commands {

/// Tells on standard error how far something is: on one line that is written again and again on a terminal, else on a
/// line of its own every few seconds.
class Progress {
 public:
  /// `total` is what `done` of `show` comes to, where that is known.
  explicit Progress(std::optional<std::uint64_t> total = std::nullopt) : total_(total) {}

  void show(std::uint64_t rows, std::uint64_t done = 0);
  /// Something about one line of the input.
  void tell(std::uint64_t line, std::string const& why);
  void finish(std::uint64_t rows);

 private:
  using Moment = std::chrono::steady_clock::time_point;

  std::string line(std::uint64_t rows, Moment now) const;
  void clear();

  std::optional<std::uint64_t> const total_;
  bool const is_terminal_ = is_terminal();
  std::chrono::milliseconds const interval_{is_terminal_ ? 200 : 5000};
  Moment const begun_ = std::chrono::steady_clock::now();
  Moment next_ = begun_ + interval_;
  bool is_shown_ = false;

  static bool is_terminal();
};

}  // namespace balcao::app::commands
