#include "contracts/service_tokens.hpp"

#include "platform/crypto/hash.hpp"

namespace balcao::contracts {
namespace {

constexpr std::size_t key_bytes = 32;
constexpr std::chrono::seconds life{120};
/// Apart from what users' tokens carry, so that neither passes for the other, whatever the keys are.
constexpr std::string_view issuer = "balcao-internal";

}  // namespace

ServiceTokens::ServiceTokens(std::string_view service_key, Clock const& clock)
    : clock_(clock),
      signer_(jwt::Key::hs256(service_key)),
      verifier_({jwt::Key::hs256(service_key)}, {std::string(issuer)}, std::string(issuer)) {}

std::string ServiceTokens::make() const {
  auto const now = std::chrono::floor<std::chrono::seconds>(clock_.now().time_since_epoch());
  jwt::Claims claims;
  claims.iss = claims.aud = claims.sub = claims.client_id = issuer;
  claims.role = "service";
  claims.iat = now.count();
  claims.exp = (now + life).count();
  return signer_.sign(claims);
}

bool ServiceTokens::verify(std::string_view token) const { return verifier_.verify(token, clock_.now()).has_value(); }

std::string derive_service_key(std::string_view jwt_secret) {
  return crypto::hkdf_sha256(jwt_secret, "balcao service key", key_bytes);
}

}  // namespace balcao::contracts
