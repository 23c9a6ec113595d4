#pragma once

#include "access/revocation_feed.hpp"
#include "access/verified_tokens.hpp"
#include "contracts/service_tokens.hpp"
#include "platform/http/guard.hpp"
#include "platform/jwt/jwt.hpp"

namespace balcao::access {

/// The roles as access tokens carry them.
inline constexpr std::string_view role_user = "user";
inline constexpr std::string_view role_admin = "admin";
inline constexpr std::string_view role_service = "service";

/// The same guard in front of every service: a bearer token (RFC 6750) that verifies, whose session has not ended, and
/// whose role, or a service account's scope, is enough. Where this process may not know of every session that has
/// ended, it asks Auth; where Auth cannot be asked, the request is refused with 503. Other processes of ours show a
/// service token instead.
class Guard final : public http::Guard {
 public:
  struct Ground {
    jwt::Verifier const& verifier;
    contracts::ServiceTokens const& service_tokens;
    Revocations const& revocations;
    RevocationFeed const& feed;
    contracts::Auth& auth;
    Clock const& clock;
    std::size_t loops;  ///< the number of event loops that it is called on
  };

  /// What it is given must outlive it.
  explicit Guard(Ground ground) : ground_(ground), verified_(ground.loops) {}

  Task<std::expected<http::Caller, Problem>> admit(http::Request const& request, http::Access access) override;

 private:
  /// Whose token it is, revoked or not; nothing for one that does not verify.
  std::optional<http::Caller> identify(std::string_view token);
  /// Whether the session is open, or that nobody can say.
  Task<std::expected<bool, Problem>> ask_auth(Uuid session, http::Request const& request);

  Ground const ground_;
  VerifiedTokens verified_;
};

/// 401 for a token that is missing (`error` empty) or refused, with the challenge of RFC 6750 §3.
Problem unauthorized(std::string_view error);

}  // namespace balcao::access
