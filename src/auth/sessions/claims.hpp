#pragma once

#include "auth/model.hpp"
#include "platform/jwt/jwt.hpp"

namespace balcao::auth {

/// What the access tokens of a session have in common (RFC 9068 §2.2); `client_id`, `scope` and `role` are left to whom
/// they are made for. They last for `life` from `now` on.
jwt::Claims claims_of(Session const& session, Settings const& settings, Time now, std::chrono::seconds life);

/// Seconds since 1970, as tokens count time (RFC 7519 §2).
std::int64_t to_seconds(Time time);

}  // namespace balcao::auth
