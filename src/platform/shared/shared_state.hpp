#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "platform/runtime/clock.hpp"
#include "platform/runtime/task.hpp"
#include "platform/shared/subscription.hpp"

namespace balcao::shared {

/// Where a counter stands after it was raised, and when its window ends.
struct Count {
  std::int64_t value;
  Time window_end;
  /// Only this process counted, because what is shared could not be reached: a limit for a whole fleet must be taken
  /// for a fraction of itself.
  bool local = false;
};

/// What several processes must share quickly and may lose without losing a fact: the database stays the truth.
/// From coroutines on any loop. To be destroyed when the loops no longer run, or on the first of them.
class SharedState {
 public:
  virtual ~SharedState() = default;

  /// Adds `amount` to a counter that starts at 0 with each window, and gives where it stands; atomic among all callers.
  /// It never falls below 0, so taking back what an earlier window counted gives nothing away.
  virtual Task<Count> count(std::string key, std::int64_t amount, std::chrono::seconds window) = 0;

  /// Tells every process that has subscribed to the channel, this one included. Once it returns, whoever is `current`
  /// has the message or will have it. Throws Problem `unavailable` where it cannot be sent, or may not have been:
  /// whoever listens does not notice that, so a message that matters is published again until it went through. At most
  /// 64 KiB.
  virtual Task<> publish(std::string channel, std::string message) = 0;

  /// `receive` gets each message from now on, in the order of the channel. `resumed` is called each time that the
  /// subscription has started, the first time and after every interruption: messages before that may have been missed,
  /// so what they tell is to be loaded from the database then. Both run on the first loop and must not block; what they
  /// throw counts as a missed message. From any thread; lasts as long as what is returned.
  [[nodiscard]] virtual Subscription subscribe(std::string channel, Listener::Receive receive,
                                               Listener::Resumed resumed) = 0;

  /// Whether this process can know right now that it has missed no message since `resumed` was last called: subscribed,
  /// and proven within the last few hundred milliseconds. From any thread.
  virtual bool current() const = 0;

  /// Resolves when it can be used; throws what keeps it from that. For readiness.
  virtual Task<> ping() = 0;
};

/// Larger messages are a mistake: what is to be told is that something changed, and which.
inline constexpr std::size_t max_message_bytes = 64 * 1024;

}  // namespace balcao::shared
