#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "platform/json/value.hpp"
#include "sandbox/transport/api_error.hpp"

namespace balcao::sandbox {

enum class FaultKind {
  delay,                  ///< answers late
  close_before,           ///< cuts the connection, nothing is done
  close_after,            ///< does it, and cuts the connection instead of answering
  conflict_409,           ///< refuses, nothing is done
  rate_limit_429,         ///< refuses, nothing is done
  error_500,              ///< fails before anything is done; no idempotency key keeps that, so a retry succeeds
  error_500_executed,     ///< does it and answers 500, which the idempotency key keeps
  webhook_twice,          ///< its events are delivered twice
  webhook_late,           ///< … so much later
  webhook_early,          ///< … before it is answered
  webhook_reordered,      ///< … the last one first, with a pause between
  webhook_bad_signature,  ///< … first with a signature that is wrong, then, if that was refused, with the right one
  refund_fails_later,     ///< the refund that it makes will turn out to have failed
};

/// What goes wrong with the next `remaining` requests that fit.
struct Fault {
  FaultKind kind;
  std::string match;  ///< `POST /v1/customers/*`: a method and a path in which `*` stands for one segment
  std::int64_t remaining;
  std::chrono::milliseconds delay;  ///< before the answer; of `webhook_late` and `webhook_reordered`, of the events
  double probability = 1;           ///< with which one that fits is hit
  std::uint32_t seed = 0;           ///< what chance begins with: the same for the same requests

  bool is_about_webhooks() const {
    return kind >= FaultKind::webhook_twice && kind <= FaultKind::webhook_bad_signature;
  }
};

/// The faults that are switched on, in memory: a restart clears them. Safe from any thread.
class Faults {
 public:
  /// The sandbox's own `/_sandbox/faults`: POST switches one on, GET lists them, DELETE clears them.
  http::Response answer(http::Request const& request);

  /// The first fault that fits and hits; counts it off.
  std::optional<Fault> take(std::string_view method, std::string_view path);

 private:
  struct Switched {
    Fault fault;
    std::mt19937 chance;
  };

  json::Value add(std::string_view body);
  json::Value list() const;

  mutable std::mutex mutex_;
  std::list<Switched> faults_;
};

/// The refusal that the kind stands for, if it stands for one.
std::optional<ApiError> refusal_of(FaultKind kind);

}  // namespace balcao::sandbox
