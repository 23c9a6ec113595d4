#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>

#include "platform/runtime/clock.hpp"

namespace balcao::http {

/// A circuit breaker (Nygard, "Release It!", ch. 5; https://martinfowler.com/bliki/CircuitBreaker.html): once a server
/// has failed several times in a row it is left alone for a while, and callers are told so at once instead of waiting
/// for one more deadline. Then a single request tries it for all. No I/O, no clock of its own, no exceptions; safe from
/// any thread.
class Breaker {
 public:
  struct Options {
    int failures = 5;  ///< in a row, after which it opens
    /// The pause after it opens, doubled with every probe that fails. Half of each pause is left to chance, so that
    /// many clients do not come back at the same moment
    /// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/, "equal jitter").
    std::chrono::milliseconds shortest_pause{500};
    std::chrono::milliseconds longest_pause{30'000};
    /// Another probe goes out when nothing has been heard of the last one for so long; the deadline of a request.
    std::chrono::milliseconds probe_deadline{10'000};
  };

  /// Leave for one request. What is reported with it counts only where the breaker has neither opened nor closed since:
  /// a request that was sent before the failure says nothing about the recovery.
  class Pass {
    friend Breaker;
    explicit Pass(std::uint64_t turn) : turn_(turn) {}
    std::uint64_t turn_;
  };

  explicit Breaker(Options options, std::uint32_t seed = std::random_device{}());

  /// Whether a request may be sent now. If so, tell by `succeeded` or `failed` what became of it; a request that was
  /// given up without an answer about the server needs no report.
  std::optional<Pass> allow(SteadyTime now);

  /// The server answered, whatever it thought of the request.
  void succeeded(Pass pass);

  /// No answer came, or one that says that the server cannot work (5xx, 429).
  void failed(Pass pass, SteadyTime now);

  /// How long until a request may be sent, for `Retry-After`; zero where one may be sent now.
  std::chrono::milliseconds retry_after(SteadyTime now) const;

 private:
  void open(SteadyTime now);

  Options const options_;
  mutable std::mutex mutex_;
  std::minstd_rand random_;
  std::uint64_t turn_ = 0;                ///< changes when it opens and when it closes
  int failures_ = 0;                      ///< in a row, while closed
  std::chrono::milliseconds pause_{0};    ///< the next one, before chance
  std::optional<SteadyTime> next_probe_;  ///< none: closed
};

}  // namespace balcao::http
