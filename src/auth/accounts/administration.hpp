#pragma once

#include "auth/accounts/store.hpp"
#include "auth/audit/audit.hpp"
#include "auth/sessions/endings.hpp"

namespace balcao::auth {

/// What administrators do with users. The last administrator who may log in cannot be taken away: Problem
/// last_administrator.
class Administration {
 public:
  struct Ground {
    AccountStore& store;
    Audit& audit;
    Endings& endings;
    Clock const& clock;
  };

  /// What it is given must outlive it.
  explicit Administration(Ground ground) : ground_(ground) {}

  Task<std::vector<User>> list(UserListRequest request) { return ground_.store.list(std::move(request)); }
  /// Problem not_found.
  Task<User> find(Username username);

  /// A new role is in the access tokens made from now on; one that is less ends the user's sessions. Problems:
  /// not_found, last_administrator, invalid_fields (it is a service account).
  Task<> set_role(Actor actor, Id<User> user, Role role);
  /// Disabling ends the user's sessions. Problems: not_found, last_administrator.
  Task<> set_disabled(Actor actor, Id<User> user, bool disabled);

 private:
  Ground const ground_;
};

}  // namespace balcao::auth
