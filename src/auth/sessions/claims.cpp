#include "auth/sessions/claims.hpp"

namespace balcao::auth {

std::int64_t to_seconds(Time time) { return std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count(); }

jwt::Claims claims_of(Session const& session, Settings const& settings, Time now, std::chrono::seconds life) {
  jwt::Claims claims;
  claims.iss = settings.issuer;
  claims.aud = settings.audience;
  claims.sub = session.user.str();
  claims.sid = session.id.str();
  claims.jti = Uuid::make(now).str();
  claims.iat = to_seconds(now);
  claims.exp = claims.iat + life.count();
  return claims;
}

}  // namespace balcao::auth
