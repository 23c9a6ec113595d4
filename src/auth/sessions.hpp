#pragma once

#include <atomic>

#include "access/revocations.hpp"
#include "auth/store.hpp"
#include "platform/jwt/jwt.hpp"
#include "platform/runtime/wake_up.hpp"

namespace balcao::auth {

/// Logins, the tokens that carry them, and their end.
///
/// A refresh token's successor is derived from it with a secret of its session, so that whoever asks again within the
/// grace is given the same one, although only hashes are stored.
class Sessions {
 public:
  /// What it is given must outlive it.
  Sessions(Store& store, jwt::Signer const& signer, jwt::Verifier const& verifier, access::Revocations& revocations,
           Clock const& clock, Settings const& settings)
      : store_(store),
        signer_(signer),
        verifier_(verifier),
        revocations_(revocations),
        clock_(clock),
        settings_(settings) {}

  /// A new session of a user who has proved who he is.
  Task<Tokens> open(User user, std::string address, std::string user_agent);

  /// Rotates a refresh token. A token that was rotated less than `refresh_grace` ago gives the same successor; an older
  /// one was stolen or replayed, and ends the session (RFC 9700 §4.14.2). Problem invalid_token.
  Task<Tokens> refresh(std::string refresh_token);

  /// Ends the session of an access token, expired or not, or of a refresh token; again and again is fine.
  /// Once it has returned, this process refuses the session's tokens. Problem invalid_token for what is no token of
  /// ours.
  Task<> close(std::string token);

 private:
  Tokens issue(User const& user, Session const& session, std::string refresh_token, Time now) const;
  Task<> end(Session session, std::string reason);

  Store& store_;
  jwt::Signer const& signer_;
  jwt::Verifier const& verifier_;
  access::Revocations& revocations_;
  Clock const& clock_;
  Settings const& settings_;
};

/// Follows the sessions that end, here or by the hand of another process on the same database (`balcao user disable`):
/// loads them at the start, looks twice a second, forgets what is over.
class RevocationFeed {
 public:
  RevocationFeed(Store& store, access::Revocations& revocations, Clock const& clock, Settings const& settings)
      : store_(store), revocations_(revocations), clock_(clock), settings_(settings) {}

  /// Learns all that matters now. To be done before the first request.
  Task<> load();
  /// Goes on until `stop`.
  Task<> follow();
  /// From any thread.
  void stop();

 private:
  Store& store_;
  access::Revocations& revocations_;
  Clock const& clock_;
  Settings const& settings_;
  Time seen_until_{};
  std::atomic<bool> stopping_ = false;
  WakeUp wake_up_;
};

}  // namespace balcao::auth
