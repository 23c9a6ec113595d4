#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/http/endpoint.hpp"

namespace balcao::contracts {

class ServiceTokens;

/// Where Auth publishes the keys, for everyone.
inline constexpr std::string_view key_set_path = "/.well-known/jwks.json";

/// A session that has ended; `until` is when its last access token has expired, from where on nobody need remember.
struct EndedSession {
  Uuid session;
  Time until;
};

/// Where a page of ended sessions begins: with those that ended at `since` (by Auth's clock) and have a larger id than
/// `after`, and those that ended later.
struct EndedSessionsCursor {
  Time since{};
  Uuid after{};

  auto operator<=>(EndedSessionsCursor const&) const = default;
};

/// A page of them, in the order in which they ended.
struct EndedSessions {
  std::vector<EndedSession> sessions;
  Time as_of;                                 ///< by Auth's clock: from where a later look goes on
  std::string keys;                           ///< the digest of the key set as it is now
  std::optional<EndedSessionsCursor> next{};  ///< where the next page begins, if there may be one
};

/// The sessions of a page: some 500 KB.
inline constexpr std::size_t ended_sessions_page = 5000;

/// What access tokens are checked by.
struct KeySet {
  std::vector<std::string> issuers;  ///< the `iss` that are accepted
  std::string keys;                  ///< the public keys, as the text of a JWK Set (RFC 7517)
};

/// Short, and another one for another set.
std::string digest_of(KeySet const& set);

/// What Auth tells the other services. From coroutines on any loop. Where Auth cannot be asked, every call throws a
/// Problem `unavailable`.
class Auth {
 public:
  virtual ~Auth() = default;

  /// A page of the sessions that have ended and of which an access token may still live.
  virtual Task<EndedSessions> ended_sessions(EndedSessionsCursor from) = 0;

  /// Whether this session has not ended, read from the database now.
  virtual Task<bool> is_open(Uuid session, http::Trace trace) = 0;

  /// What access tokens are checked by now; under JWT_SECRET without keys, since that one is no one else's to know.
  virtual Task<KeySet> key_set() = 0;
};

/// Lets other processes ask `auth`, which must outlive the endpoints.
http::Endpoints endpoints(Auth& auth);

/// Asks the Auth of another process, at this address. `tokens` must outlive it. Throws std::invalid_argument for an
/// address that is none.
std::unique_ptr<Auth> remote_auth(std::string base_url, ServiceTokens const& tokens);

}  // namespace balcao::contracts
