#pragma once

#include <chrono>
#include <optional>
#include <random>

namespace balcao {

/// How long to wait before the next attempt to connect: short at first, longer with every failure, never the same for
/// all who lost the same peer at the same moment. For one thread.
class Backoff {
 public:
  /// A connection that lived this long was a good one: the loss after it is the first again.
  static constexpr std::chrono::seconds settled{1};

  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest) : first_(first), longest_(longest) {}

  /// After a failure, or after the loss of a connection.
  std::chrono::milliseconds next();

  /// A connection can be used. To be accepted is not enough: a peer may accept and end it at once.
  void connected(std::chrono::steady_clock::time_point at = std::chrono::steady_clock::now()) { connected_at_ = at; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds longest_;
  int failures_ = 0;
  std::optional<std::chrono::steady_clock::time_point> connected_at_;
  std::minstd_rand random_{std::random_device{}()};
};

}  // namespace balcao
