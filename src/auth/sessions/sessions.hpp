#pragma once

#include "auth/accounts/store.hpp"
#include "auth/audit/audit.hpp"
#include "auth/sessions/endings.hpp"
#include "auth/sessions/store.hpp"
#include "platform/jwt/jwt.hpp"

namespace balcao::auth {

/// Logins, the tokens that carry them, and their end.
///
/// A refresh token's successor is derived from it with a secret of its session, so that whoever asks again within the
/// grace is given the same one, although only hashes are stored.
/// What ends sessions returns once that has been announced (Endings).
class Sessions {
 public:
  struct Ground {
    SessionStore& store;
    Audit& audit;
    jwt::Signer const& signer;
    jwt::Verifier const& verifier;
    Endings& endings;
    Clock const& clock;
    Settings const& settings;
  };

  /// What it is given must outlive it.
  explicit Sessions(Ground ground) : ground_(ground) {}

  /// A new session of a user who has proved who they are. Where they have `sessions_per_user` already, the least
  /// recently used one ends. Nothing where they have been disabled, or their password changed, since then.
  Task<std::optional<Tokens>> open(Credentials proven, Origin origin);

  /// Rotates a refresh token. A token that was rotated less than `refresh_grace` ago gives the same successor; an older
  /// one was stolen or replayed, and ends the session (RFC 9700 §4.14.2). Problem invalid_token.
  Task<Tokens> refresh(std::string refresh_token, Origin origin);

  /// Ends the session of an access token, expired or not, or of a refresh token; again and again is fine. Problem
  /// invalid_token for what is no token of ours.
  Task<> close(std::string token, Origin origin);

  /// The open ones of a user, the newest first.
  Task<std::vector<OpenSession>> list(Id<User> user, std::optional<Id<Session>> after, std::size_t limit);
  /// Ends one of a user's own. Problem not_found, also for what is another's.
  Task<> end_own(Id<User> user, Id<Session> session, Origin origin);
  /// Ends a user's sessions, all but one; `actor` may be someone else.
  Task<> end_all(Actor actor, Id<User> user, std::optional<Id<Session>> except);

 private:
  Tokens issue(User const& user, Session const& session, std::string refresh_token, Time now) const;
  Task<> end(Id<Session> session, Event event, Origin origin);

  Ground const ground_;
};

}  // namespace balcao::auth
