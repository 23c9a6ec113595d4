#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "contracts/auth.hpp"
#include "platform/jwt/jwt.hpp"
#include "platform/runtime/wake_up.hpp"

namespace balcao::access {

/// Keeps a process's Verifier up to date where Auth runs in another one. It asks Auth when Auth itself has said, to
/// RevocationFeed, that its key set is another; nothing that a client sends ever makes it ask.
class KeyFeed {
 public:
  /// Under a `secret` that is the only key, and Auth tells the issuers. What it is given must outlive it.
  KeyFeed(contracts::Auth& auth, jwt::Verifier& verifier, std::optional<jwt::Key> secret);

  /// Learns what is accepted now. To be done before the first request. Throws what keeps it from that.
  Task<> load();
  /// Goes on until `stop`. Where Auth cannot be asked, what was accepted stays so until it can.
  Task<> follow();
  /// From any thread.
  void stop();

  /// Auth's key set has this digest. On the loop on which `follow` runs.
  void notice(std::string digest);

 private:
  contracts::Auth& auth_;
  jwt::Verifier& verifier_;
  std::optional<jwt::Key> const secret_;
  std::string loaded_;  ///< the digest of what the verifier has
  std::string latest_;  ///< the digest that was last heard of
  std::atomic<bool> stopping_ = false;
  WakeUp wake_up_;
};

}  // namespace balcao::access
