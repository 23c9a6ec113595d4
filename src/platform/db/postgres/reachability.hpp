#pragma once

#include <string>

#include "platform/db/postgres/connection.hpp"
#include "platform/runtime/backoff.hpp"

namespace balcao::db::postgres {

/// Between attempts to connect.
inline Backoff make_backoff() { return {std::chrono::milliseconds(20), std::chrono::milliseconds(400)}; }

/// Why the server cannot be used: logged once for each reason, until a connection has held. For one loop.
class Reachability {
 public:
  /// A connection could not be made.
  void failed(std::string reason);
  /// A connection was lost. One that never answered is a failure, as is one that was lost as soon as it did; `backoff`
  /// learns of any other.
  void lost(Connection const& connection, Backoff& backoff);
  void answered() { reason_.clear(); }

  /// Why there is no connection; empty while there is one.
  std::string const& reason() const { return reason_; }

 private:
  std::string reason_;
  std::string logged_;
};

}  // namespace balcao::db::postgres
