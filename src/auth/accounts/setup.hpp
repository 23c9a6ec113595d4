#pragma once

#include "auth/accounts/accounts.hpp"

namespace balcao::auth {

/// How the first administrator comes in: by a link that is good once, for a day, and only as long as there is none.
class Setup {
 public:
  /// What it is given must outlive it.
  Setup(AccountStore& store, Accounts& accounts, Clock const& clock)
      : store_(store), accounts_(accounts), clock_(clock) {}

  /// The secret of a new link; nothing where there is an administrator.
  Task<std::optional<std::string>> make_link();
  /// Whether the link would do.
  Task<bool> is_open(std::string secret);
  /// Makes the administrator. Problems: forbidden for a link that is over, and as Accounts::make_first_administrator.
  Task<User> use(std::string secret, Username username, NewPassword password, Origin origin);

  /// Sees to it that this administrator exists where there is none yet, as ADMIN_USERNAME and ADMIN_PASSWORD ask. False
  /// where there was one. Problems: username_taken, where someone else has that name; invalid_fields.
  Task<bool> ensure_administrator(Username username, NewPassword password);

 private:
  AccountStore& store_;
  Accounts& accounts_;
  Clock const& clock_;
};

}  // namespace balcao::auth
