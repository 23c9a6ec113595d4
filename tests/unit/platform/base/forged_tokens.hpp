// Keys, claims and forged tokens for the tests of src/platform/jwt.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/crypto/hash.hpp"
#include "platform/jwt/jwt.hpp"

namespace balcao::jwt {

inline constexpr std::string_view secret = "a secret of at least thirty-two bytes";
inline constexpr std::string_view other_secret = "another one of at least thirty-two bytes";
inline constexpr std::int64_t issued = 1'795'499'247;
inline Time const now{std::chrono::seconds{issued + 10}};

// The key pair of RFC 8037, appendix A.
inline constexpr std::string_view rfc8037_d = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
inline constexpr std::string_view rfc8037_x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

// The key pair of RFC 7515, appendix A.3.
inline constexpr std::string_view rfc7515_d = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
inline constexpr std::string_view rfc7515_x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
inline constexpr std::string_view rfc7515_y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

inline constexpr std::string_view good_header = R"({"alg":"HS256","typ":"at+jwt"})";
inline constexpr std::string_view good_payload =
    R"({"iss":"https://balcao","sub":"u1","aud":"balcao","jti":"j1","sid":"s1","client_id":"web","scope":"all",)"
    R"("role":"user","iat":1795499247,"exp":1795500147})";

inline Claims good_claims() {
  return {.iss = "https://balcao",
          .sub = "u1",
          .aud = "balcao",
          .jti = "j1",
          .sid = "s1",
          .client_id = "web",
          .scope = "all",
          .role = "user",
          .iat = issued,
          .exp = issued + 900};
}

inline Key rfc8037_key(std::string kid = "k1") {
  return Key::ed25519(std::move(kid), crypto::from_base64url(rfc8037_d).value());
}

inline Key rfc7515_key(std::string kid = "p1") {
  return Key::es256(std::move(kid), crypto::from_base64url(rfc7515_d).value());
}

inline Verifier verifier_of(std::vector<Key> keys) { return Verifier(std::move(keys), {"https://balcao"}, "balcao"); }

/// A token as another program would make it, right or wrong, signed with HMAC-SHA256.
inline std::string forge(std::string_view header, std::string_view payload, std::string_view key = secret) {
  std::string const text = crypto::to_base64url(header) + "." + crypto::to_base64url(payload);
  return text + "." + crypto::to_base64url(crypto::hmac_sha256(key, text));
}

inline std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  result.replace(result.find(from), from.size(), to);
  return result;
}

}  // namespace balcao::jwt
