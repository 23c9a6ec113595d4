#pragma once

#include <string>
#include <string_view>

#include "platform/jwt/jwt.hpp"

namespace balcao::contracts {

/// How the processes of one Balcão know each other: a token, made for each call and good for two minutes, that only who
/// has the service key can make. The key itself never travels. Safe from any thread.
class ServiceTokens {
 public:
  /// `clock` must outlive it.
  ServiceTokens(std::string_view service_key, Clock const& clock);

  std::string make() const;
  bool verify(std::string_view token) const;

 private:
  Clock const& clock_;
  jwt::Signer signer_;
  jwt::Verifier verifier_;
};

/// The service key that follows from JWT_SECRET (HKDF, RFC 5869), which all processes have, where none is set.
std::string derive_service_key(std::string_view jwt_secret);

}  // namespace balcao::contracts
