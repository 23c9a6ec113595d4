#pragma once

#include "auth/accounts/passwords.hpp"
#include "auth/accounts/store.hpp"
#include "auth/audit/audit.hpp"
#include "auth/login/attempts.hpp"
#include "auth/second_factor/second_factor.hpp"
#include "auth/sessions/sessions.hpp"

namespace balcao::auth {

/// Who proves to be who.
class Login {
 public:
  struct Ground {
    AccountStore& accounts;
    Passwords& passwords;
    Attempts& attempts;
    SecondFactors& second_factors;
    Sessions& sessions;
    Audit& audit;
    Clock const& clock;
  };

  /// What it is given must outlive it.
  explicit Login(Ground ground) : ground_(ground) {}

  /// A session for the user whose name and password these are. `code` is of his second factor, if he has one: without
  /// it Problem second_factor_required, with a wrong one invalid_credentials. Problems otherwise as `prove`.
  Task<Tokens> log_in(std::string username, std::string password, Origin origin, std::optional<std::string> code = {});

  /// The user whose name and password these are, with his stored hash brought up to date. An unknown name, a wrong
  /// password, and a user who is disabled cost the same and fail the same: Problem invalid_credentials. Guesses are
  /// limited as `Attempts` says: Problem too_many_requests; a device that the user has used before stays let in.
  Task<Credentials> prove(std::string username, std::string password, Origin origin);

 private:
  Task<> require_second_factor(Id<User> user, std::optional<std::string> code, Origin origin);
  Task<> admit(Attempt attempt, bool known_device, Origin origin);
  Task<bool> is_right(std::optional<Credentials> const& found, std::string password, Attempt attempt, WorkShare share);
  Task<> refresh_hash(Credentials& credentials, std::string password, WorkShare share);

  Ground const ground_;
};

}  // namespace balcao::auth
