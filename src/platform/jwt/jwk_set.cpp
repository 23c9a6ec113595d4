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
  if (text_at(members, "kty") != "OKP" || text_at(members, "crv") != "Ed25519") return std::nullopt;
  auto const point = crypto::from_base64url(text_at(members, "x"));
  auto const kid = text_at(members, "kid");
  if (!point || kid.empty()) return std::nullopt;
  return Key::ed25519_public(std::string(kid), *point);
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
