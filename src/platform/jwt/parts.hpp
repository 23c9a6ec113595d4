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

constexpr std::string_view name_of(Key::Algorithm algorithm) {
  return algorithm == Key::Algorithm::hs256 ? "HS256" : "EdDSA";
}

struct Key::Parts {
  struct FreePkey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };

  Algorithm algorithm;
  std::string kid;
  std::string secret;  ///< the secret of HS256, the 32 private bytes of Ed25519; none: only the public half is known
  std::unique_ptr<EVP_PKEY, FreePkey> pkey;  ///< Ed25519 only
  std::string header;                        ///< of every token signed with this key, in base64url

  Parts(Algorithm algorithm_, std::string kid_, std::string_view secret_);
  /// Of an Ed25519 key whose secret others keep.
  Parts(std::string kid_, std::unique_ptr<EVP_PKEY, FreePkey> public_key);
  ~Parts();

  std::string sign(std::string_view text) const;
  bool verify(std::string_view text, std::string_view signature) const;
};

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
