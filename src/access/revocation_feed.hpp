#pragma once

#include <atomic>

#include "access/key_feed.hpp"
#include "access/revocations.hpp"
#include "contracts/auth.hpp"
#include "platform/runtime/wake_up.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::access {

/// Keeps a process's Revocations up to date: messages tell it of each session that ends, a few milliseconds later; and
/// twice a second it asks Auth, which reads the database, for whatever no message told.
class RevocationFeed {
 public:
  /// Begins to listen, until it is destroyed. What it is given must outlive it. `keys` is told what Auth
  /// says of its key set; null where this process runs Auth, and has the keys itself.
  RevocationFeed(contracts::Auth& auth, shared::SharedState& shared, Revocations& revocations, Clock const& clock,
                 KeyFeed* keys = nullptr);

  /// Learns all that matters now. To be done before the first request. Throws what keeps it from that.
  Task<> load();
  /// Goes on until `stop`.
  Task<> follow();
  /// From any thread.
  void stop();

  /// Whether Revocations holds every session whose end has been announced. Where it does not, Auth must be asked. From
  /// any thread.
  bool is_current() const { return shared_.current() && loaded_ == interruptions_; }

 private:
  void receive(std::string_view message);
  void resume();

  contracts::Auth& auth_;
  shared::SharedState& shared_;
  Revocations& revocations_;
  Clock const& clock_;
  KeyFeed* const keys_;
  Time seen_until_{};  ///< by Auth's clock
  std::atomic<std::uint64_t> interruptions_ = 0;
  std::atomic<std::uint64_t> loaded_ = 0;  ///< the interruption whose gap has been filled
  std::atomic<bool> stopping_ = false;
  WakeUp wake_up_;
  shared::Subscription subscription_;  ///< last, since it uses the others
};

/// Tells every process that these sessions have ended. When it returns, the message is on its way, and there within
/// milliseconds; or, where messages do not go through, each process has had the time to look by itself.
Task<> announce(shared::SharedState& shared, std::vector<contracts::EndedSession> sessions);

}  // namespace balcao::access
