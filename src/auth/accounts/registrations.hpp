#pragma once

#include "auth/accounts/accounts.hpp"
#include "auth/limits/networks.hpp"

namespace balcao::auth {

/// The window in which registrations are counted.
inline constexpr std::chrono::seconds registration_window = std::chrono::hours(1);

/// Registrations from outside, with a limit for each address: each costs a password's hash, and stays. One is counted
/// before its password is hashed, so that parallel ones cannot slip past; the counts are shared by all processes.
class Registrations {
 public:
  /// What it is given must outlive it.
  Registrations(Accounts& accounts, shared::SharedState& shared, Clock const& clock, Settings const& settings)
      : accounts_(accounts), shared_(shared), clock_(clock), settings_(settings) {}

  /// As Accounts::register_user; and Problem too_many_requests where the address, or a network of it, is over its
  /// limit. A username that is taken counts too, so that names cannot be probed beyond the limit.
  Task<User> register_user(Username username, NewPassword password, Origin origin);

 private:
  Task<NetworkCount> count(Origin origin);
  Task<> take_back(NetworkCount counted);

  Accounts& accounts_;
  shared::SharedState& shared_;
  Clock const& clock_;
  Settings const& settings_;
};

}  // namespace balcao::auth
