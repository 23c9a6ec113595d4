#pragma once

#include <vector>

#include "access/revocations.hpp"
#include "auth/model.hpp"
#include "platform/runtime/task.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::auth {

/// Tells of sessions that have ended in the database, which is the truth: first this process, then the others.
class Endings {
 public:
  /// What it is given must outlive it.
  Endings(access::Revocations& revocations, shared::SharedState& shared, Clock const& clock, Settings const& settings)
      : revocations_(revocations), shared_(shared), clock_(clock), settings_(settings) {}

  /// When it returns, this process refuses the sessions' tokens, and every other one as soon as the news of
  /// access::announce has reached it.
  Task<> announce(std::vector<Id<Session>> ended);

 private:
  access::Revocations& revocations_;
  shared::SharedState& shared_;
  Clock const& clock_;
  Settings const& settings_;
};

}  // namespace balcao::auth
