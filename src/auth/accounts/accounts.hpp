#pragma once

#include "auth/accounts/passwords.hpp"
#include "auth/accounts/store.hpp"
#include "auth/audit/audit.hpp"
#include "auth/sessions/endings.hpp"
#include "platform/jobs/jobs.hpp"

namespace balcao::auth {

/// The job that a registration leaves behind, and the one that an erasure does; the key is the user's id.
inline constexpr std::string_view customer_job = "create_customer";
inline constexpr std::string_view forget_job = "forget_user";

/// Users as they come, change their passwords, and go.
class Accounts {
 public:
  struct Ground {
    AccountStore& store;
    Passwords& passwords;
    Audit& audit;
    Endings& endings;
    jobs::Jobs& jobs;
    Clock const& clock;
    Settings const& settings;
  };

  /// What it is given must outlive it.
  explicit Accounts(Ground ground) : ground_(ground) {}

  /// Makes a user and, in the same step, the job that will make his customer. Problems: invalid_fields (the password is
  /// too short, common or the username), username_taken, unavailable.
  Task<User> register_user(Username username, NewPassword password, Role role, Origin origin);

  /// Makes an administrator as long as there is none. Problems as register_user, and forbidden where there is one.
  Task<User> make_first_administrator(Username username, NewPassword password, Origin origin);

  /// Problem not_found.
  Task<User> find(Id<User> id);

  /// `proven` comes from Login::prove with the current password. Ends the other sessions. Problems: invalid_fields (at
  /// `pointer`), invalid_credentials where the password has been changed meanwhile.
  Task<> change_password(Credentials proven, NewPassword password, std::string pointer, Id<Session> current,
                         Origin origin);

  /// Erases all that is known of the user, ends his sessions, and leaves the job that tells Payments. `then` is what
  /// else must go with it. Problems: not_found, last_administrator.
  Task<> erase(Actor actor, Id<User> user, std::vector<db::Call> then);

 private:
  /// Holds the password to the rules and hashes it. Problem invalid_fields.
  Task<std::string> hash(std::string username, NewPassword password, std::string pointer, WorkShare share);

  Ground const ground_;
};

/// Problem not_found or last_administrator, if that is what became of it.
void require_done(Changed const& changed);

}  // namespace balcao::auth
