#include <stdexcept>

#include "platform/crypto/hash.hpp"
#include "platform/json/parse.hpp"
#include "platform/jwt/jwt.hpp"

namespace balcao::jwt {
namespace {

std::string_view text_at(json::Object const& object, std::string_view name) {
  auto const* member = object.if_contains(name);
  return member && member->is_string() ? std::string_view(member->get_string()) : std::string_view();
}

/// Nothing for a key of another kind or use.
std::optional<Key> read(json::Value const& jwk) {
  if (!jwk.is_object()) return std::nullopt;
  auto const& members = jwk.get_object();
  auto const is = [&](std::string_view kty, std::string_view crv, Key::Algorithm algorithm) {
    auto const alg = text_at(members, "alg");
    return text_at(members, "kty") == kty && text_at(members, "crv") == crv &&
           (!members.contains("alg") || alg == to_string(algorithm)) &&
           (!members.contains("use") || text_at(members, "use") == "sig");
  };
  auto const x = crypto::from_base64url(text_at(members, "x"));
  auto const y = crypto::from_base64url(text_at(members, "y"));
  std::string kid(text_at(members, "kid"));
  if (!x || !y || kid.empty()) return std::nullopt;
  try {
    if (is("OKP", "Ed25519", Key::Algorithm::eddsa)) return Key::ed25519_public(std::move(kid), *x);
    if (is("EC", "P-256", Key::Algorithm::es256)) return Key::es256_public(std::move(kid), *x, *y);
    return std::nullopt;
  } catch (std::invalid_argument const&) {
    return std::nullopt;  // such as a point that is not on the curve
  }
}

}  // namespace

std::string to_jwk_set(std::vector<Key> const& keys) {
  std::string set = R"({"keys":[)";
  for (auto const& key : keys) {
    auto const jwk = key.public_jwk();
    if (jwk.empty()) continue;
    if (!set.ends_with('[')) set += ',';
    set += jwk;
  }
  return set + "]}";
}

std::vector<Key> parse_jwk_set(std::string_view text) {
  auto const document = json::parse(text);
  auto const* set = document ? document->if_object() : nullptr;
  auto const* listed = set ? set->if_contains("keys") : nullptr;
  if (!listed || !listed->is_array()) throw std::invalid_argument("jwt: this is no JWK Set");
  std::vector<Key> keys;
  for (auto const& jwk : listed->get_array()) {
    if (auto key = read(jwk)) keys.push_back(std::move(*key));
  }
  return keys;
}

}  // namespace balcao::jwt
