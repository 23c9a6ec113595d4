#pragma once

#include "access/revocations.hpp"
#include "auth/sessions/store.hpp"
#include "platform/jwt/jwt.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::auth {

/// Logins, the tokens that carry them, and their end.
///
/// A refresh token's successor is derived from it with a secret of its session, so that whoever asks again within the
/// grace is given the same one, although only hashes are stored.
class Sessions {
 public:
  struct Ground {
    SessionStore& store;
    jwt::Signer const& signer;
    jwt::Verifier const& verifier;
    access::Revocations& revocations;
    shared::SharedState& shared;
    Clock const& clock;
    Settings const& settings;
  };

  /// What it is given must outlive it.
  explicit Sessions(Ground ground)
      : store_(ground.store),
        signer_(ground.signer),
        verifier_(ground.verifier),
        revocations_(ground.revocations),
        shared_(ground.shared),
        clock_(ground.clock),
        settings_(ground.settings) {}

  /// A new session of a user who has proved who he is.
  Task<Tokens> open(User user, std::string address, std::string user_agent);

  /// Rotates a refresh token. A token that was rotated less than `refresh_grace` ago gives the same successor; an older
  /// one was stolen or replayed, and ends the session (RFC 9700 §4.14.2). Problem invalid_token.
  Task<Tokens> refresh(std::string refresh_token);

  /// Ends the session of an access token, expired or not, or of a refresh token; again and again is fine.
  /// Once it has returned, this process refuses the session's tokens, and every other one as soon as the news of
  /// access::announce has reached it. Problem invalid_token for what is no token of
  /// ours.
  Task<> close(std::string token);

 private:
  Tokens issue(User const& user, Session const& session, std::string refresh_token, Time now) const;
  Task<> end(Session session, std::string reason);

  SessionStore& store_;
  jwt::Signer const& signer_;
  jwt::Verifier const& verifier_;
  access::Revocations& revocations_;
  shared::SharedState& shared_;
  Clock const& clock_;
  Settings const& settings_;
};

}  // namespace balcao::auth
