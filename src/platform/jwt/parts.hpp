// What the files of this folder share; no one else includes it.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "platform/jwt/jwt.hpp"

namespace balcao::jwt {

struct FreePkey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Pkey = std::unique_ptr<EVP_PKEY, FreePkey>;

struct Key::Parts {
  Algorithm algorithm;
  std::string kid;
  std::string secret;  ///< the secret of HS256, the private bytes of a pair; none: only the public half is known
  Pkey pkey;           ///< none under HS256
  std::string header;  ///< of every token signed with this key, in base64url

  Parts(Algorithm algorithm_, std::string kid_, std::string_view secret_, Pkey pkey_);
  ~Parts();
};

/// P-256 as OpenSSL has it; src/platform/jwt/p256.cpp.
namespace p256 {

inline constexpr std::size_t coordinate_size = 32;
inline constexpr std::size_t signature_size = 2 * coordinate_size;

/// Nothing for a number that is none of the group's, zero among them.
Pkey from_private(std::string_view d);
/// Nothing for what is no point of the curve.
Pkey from_point(std::string_view x, std::string_view y);
/// Both coordinates, one after the other.
std::string point_of(EVP_PKEY const* key);

/// The two forms of a signature: DER (RFC 3279), which OpenSSL takes and gives, and r and s one after the other, which
/// a JWS carries.
std::string to_raw(std::string_view der);
std::string to_der(std::string_view raw);

}  // namespace p256

/// The claims that are strings, in the order in which they are written. Every one of them is required.
inline constexpr std::array<std::pair<std::string_view, std::string Claims::*>, 8> text_claims{{
    {"iss", &Claims::iss},
    {"sub", &Claims::sub},
    {"aud", &Claims::aud},
    {"jti", &Claims::jti},
    {"sid", &Claims::sid},
    {"client_id", &Claims::client_id},
    {"scope", &Claims::scope},
    {"role", &Claims::role},
}};

}  // namespace balcao::jwt
