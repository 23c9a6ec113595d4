#pragma once

#include "auth/audit/audit.hpp"
#include "auth/clients/store.hpp"
#include "auth/login/attempts.hpp"
#include "auth/sessions/endings.hpp"

namespace balcao::auth {

/// Programs that have an account: who they are, what they may, and how they prove it. A new secret and other scopes
/// hold at once: they end the sessions of the tokens that there are.
class ServiceAccounts {
 public:
  struct Ground {
    ClientStore& store;
    Audit& audit;
    Endings& endings;
    Attempts& attempts;
    Clock const& clock;
  };

  /// What it is given must outlive it.
  explicit ServiceAccounts(Ground ground) : ground_(ground) {}

  /// The name is one among all users': Problem username_taken.
  Task<WithSecret> create(Username name, std::vector<Scope> scopes, Actor actor);
  /// Problem not_found.
  Task<ServiceAccount> find(Id<User> id);
  Task<std::vector<ServiceAccount>> list(std::optional<Id<User>> after, std::size_t limit) {
    return ground_.store.list(after, limit);
  }
  /// Problem not_found.
  Task<ServiceAccount> set_scopes(Id<User> id, std::vector<Scope> scopes, Actor actor);
  /// The old secret is refused from now on. Problem not_found.
  Task<WithSecret> new_secret(Id<User> id, Actor actor);

  /// The account whose client_id and secret these are, while it is not shut out; nothing for an unknown id as for a
  /// wrong secret. Guesses are counted before they are looked at: Problem too_many_requests with Retry-After.
  Task<std::optional<ClientState>> authenticate(std::string client_id, std::string secret, Origin origin);

 private:
  Ground const ground_;
};

}  // namespace balcao::auth
