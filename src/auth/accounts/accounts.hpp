#pragma once

#include "auth/accounts/store.hpp"
#include "platform/jobs/jobs.hpp"
#include "platform/runtime/workers.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::auth {

/// The job that a registration leaves behind; its key is the user's id.
inline constexpr std::string_view customer_job = "create_customer";

/// Who exists, and who proves to be who.
class Accounts {
 public:
  struct Ground {
    AccountStore& store;
    jobs::Jobs& jobs;
    Workers& workers;
    shared::SharedState& shared;
    Clock const& clock;
    Settings const& settings;
  };

  /// What it is given must outlive it.
  explicit Accounts(Ground ground)
      : store_(ground.store),
        jobs_(ground.jobs),
        workers_(ground.workers),
        shared_(ground.shared),
        clock_(ground.clock),
        settings_(ground.settings) {}

  /// Makes a user and, in the same step, the job that will make his customer. Problems: invalid_fields (the password is
  /// too short, common or the username), username_taken, unavailable.
  Task<User> register_user(Username username, NewPassword password, Role role = Role::user);

  /// The user whose name and password these are. An unknown name and a wrong password cost the same and fail the same:
  /// Problem invalid_credentials. Guesses are counted before they are checked, so that parallel ones cannot slip past:
  /// Problem too_many_requests with Retry-After.
  Task<User> authenticate(std::string username, std::string password, std::string address);

  /// Problem not_found.
  Task<User> find(Id<User> id);
  Task<std::vector<User>> list() { return store_.list_users(); }
  /// Problem not_found. A new role is in the access tokens made from now on.
  Task<> set_role(Username username, Role role);
  /// Problem not_found. Disabling ends the user's sessions, and announces it to every process.
  Task<> set_disabled(Username username, bool disabled);

 private:
  AccountStore& store_;
  jobs::Jobs& jobs_;
  Workers& workers_;
  shared::SharedState& shared_;
  Clock const& clock_;
  Settings const& settings_;
};

/// What failed logins of an address are counted under: itself, or its /64 network with IPv6, which one customer
/// commonly has.
std::string address_group(std::string_view address);

}  // namespace balcao::auth
