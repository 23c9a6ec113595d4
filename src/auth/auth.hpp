#pragma once

#include <optional>

#include "auth/accounts.hpp"
#include "auth/sessions.hpp"
#include "platform/http/endpoint.hpp"

namespace balcao::auth {

/// The keys that tokens are signed and checked with: HS256 with `jwt_secret`, otherwise Ed25519 keys that the database
/// holds and that are made at the first start.
Task<std::vector<jwt::Key>> load_keys(Store& store, std::optional<std::string> jwt_secret, Clock const& clock);

/// The public halves as a JWK Set (RFC 7517); empty under HS256.
std::string jwks(std::vector<jwt::Key> const& keys);

/// What the endpoints stand on.
struct Service {
  Accounts& accounts;
  Sessions& sessions;
  std::string jwks;
};

/// The endpoints of Auth; `service` must outlive them.
http::Endpoints endpoints(Service& service);

}  // namespace balcao::auth
