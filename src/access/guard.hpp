#pragma once

#include "access/revocations.hpp"
#include "access/verified_tokens.hpp"
#include "platform/http/guard.hpp"
#include "platform/jwt/jwt.hpp"

namespace balcao::access {

/// The roles as access tokens carry them.
inline constexpr std::string_view role_user = "user";
inline constexpr std::string_view role_admin = "admin";

/// The same guard in front of every service: a bearer token (RFC 6750) that verifies, whose session has not ended, and
/// whose role is enough.
class Guard final : public http::Guard {
 public:
  /// What it is given must outlive it. `loops` is the number of event loops that it is called on.
  Guard(jwt::Verifier const& verifier, Revocations const& revocations, Clock const& clock, std::size_t loops)
      : verifier_(verifier), revocations_(revocations), clock_(clock), verified_(loops) {}

  Task<std::expected<http::Caller, Problem>> admit(http::Request const& request, http::Access access) override;

 private:
  /// Whose token it is, revoked or not; nothing for one that does not verify.
  std::optional<http::Caller> identify(std::string_view token);

  jwt::Verifier const& verifier_;
  Revocations const& revocations_;
  Clock const& clock_;
  VerifiedTokens verified_;
};

/// 401 for a token that is missing (`error` empty) or refused, with the challenge of RFC 6750 §3.
Problem unauthorized(std::string_view error);

}  // namespace balcao::access
