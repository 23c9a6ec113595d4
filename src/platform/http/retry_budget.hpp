#pragma once

#include <atomic>
#include <cstdint>

namespace balcao::http {

/// Bounds retries to a share of the requests, so that a server in trouble is not given a multiple of its load: a token
/// bucket, as Finagle's RetryBudget
/// (https://twitter.github.io/finagle/docs/com/twitter/finagle/service/RetryBudget$.html) and gRPC's retry throttling
/// (https://github.com/grpc/proposal/blob/master/A6-client-retries.md). It starts full, so that a client with few
/// requests can retry too. No I/O, no exceptions; safe from any thread.
class RetryBudget {
 public:
  struct Options {
    double share = 0.2;  ///< of a retry, earned by each first attempt
    int capacity = 10;   ///< retries that can be saved
  };

  explicit RetryBudget(Options options);

  /// A request is made for the first time.
  void deposit();

  /// Takes one retry; false: there is none, let the failure stand.
  bool withdraw();

 private:
  std::int64_t const share_;  ///< in thousandths of a retry, like the others
  std::int64_t const capacity_;
  std::atomic<std::int64_t> balance_;
};

}  // namespace balcao::http
