#include <algorithm>
#include <stdexcept>

#include "platform/crypto/hash.hpp"
#include "platform/json/parse.hpp"
#include "platform/jwt/parts.hpp"

namespace balcao::jwt {
namespace {

constexpr std::size_t longest_token = 8 * 1024;
constexpr std::int64_t clock_skew_in_seconds = 60;

/// The parts of a compact JWS (RFC 7515 §7.1), still encoded.
struct Jws {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;  ///< header, dot, payload
};

struct Header {
  std::string alg;
  std::string kid;
};

struct Payload {
  Claims claims;
  std::optional<std::int64_t> nbf;
};

/// Whether `c` may stand in a base64url part; the dots are taken out before.
bool is_base64url(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

std::optional<Jws> split(std::string_view token) {
  if (token.size() > longest_token) return std::nullopt;
  auto const first = token.find('.');
  if (first == token.npos) return std::nullopt;
  auto const second = token.find('.', first + 1);
  if (second == token.npos) return std::nullopt;
  Jws const jws{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
                token.substr(0, second)};
  bool const clean = std::ranges::all_of(jws.header, is_base64url) && std::ranges::all_of(jws.payload, is_base64url) &&
                     std::ranges::all_of(jws.signature, is_base64url);
  return clean ? std::optional(jws) : std::nullopt;
}

std::optional<json::Object> read_object(std::string_view encoded) {
  auto const text = crypto::from_base64url(encoded);
  if (!text) return std::nullopt;
  auto document = json::parse(*text);
  if (!document || !document->is_object()) return std::nullopt;
  return std::move(document->as_object());
}

std::optional<std::string> text_member(json::Object const& object, std::string_view name) {
  auto const* value = object.if_contains(name);
  if (!value || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<std::int64_t> integer_member(json::Object const& object, std::string_view name) {
  auto const* value = object.if_contains(name);
  return value && value->is_int64() ? std::optional(value->get_int64()) : std::nullopt;
}

std::optional<Header> read_header(std::string_view encoded) {
  auto const header = read_object(encoded);
  if (!header) return std::nullopt;
  // A token must not bring or fetch its own key, and no extension is understood here (RFC 8725 §3.10, RFC 7515
  // §4.1.11).
  for (std::string_view const foreign : {"crit", "jwk", "jku", "x5u", "x5c"}) {
    if (header->contains(foreign)) return std::nullopt;
  }
  auto const typ = text_member(*header, "typ");
  if (!typ || (*typ != "at+jwt" && *typ != "application/at+jwt")) return std::nullopt;
  auto const alg = text_member(*header, "alg");
  auto const kid = text_member(*header, "kid");
  if (!alg || (header->contains("kid") && !kid)) return std::nullopt;
  return Header{*alg, kid.value_or("")};
}

/// The key that a header names, or nullptr. Its algorithm is the key's, never the token's choice (RFC 8725 §3.1).
Key const* find_key(std::vector<Key> const& keys, Header const& header) {
  auto found =
      std::ranges::find_if(keys, [&](Key const& key) { return !header.kid.empty() && key.kid() == header.kid; });
  if (found == keys.end()) found = std::ranges::find(keys, Key::Algorithm::hs256, &Key::algorithm);
  if (found == keys.end() || header.alg != to_string(found->algorithm())) return nullptr;
  return &*found;
}

std::expected<Payload, Fault> read_payload(std::string_view encoded) {
  auto const object = read_object(encoded);
  if (!object) return std::unexpected(Fault::malformed);
  Payload payload;
  for (auto const& [name, member] : text_claims) {
    auto text = text_member(*object, name);
    if (!text) return std::unexpected(Fault::wrong_claims);
    payload.claims.*member = std::move(*text);
  }
  auto const iat = integer_member(*object, "iat");
  auto const exp = integer_member(*object, "exp");
  payload.nbf = integer_member(*object, "nbf");
  if (!iat || !exp || (object->contains("nbf") && !payload.nbf)) return std::unexpected(Fault::wrong_claims);
  payload.claims.iat = *iat;
  payload.claims.exp = *exp;
  return payload;
}

void require_distinct(std::vector<Key> const& keys) {
  for (auto key = keys.begin(); key != keys.end(); ++key) {
    bool const twice = std::any_of(keys.begin(), key, [&](Key const& other) { return other.kid() == key->kid(); });
    if (twice) throw std::invalid_argument("jwt: two keys that a token could not tell apart");
  }
}

template <class T>
bool holds(std::vector<T> const& all, T const& one) {
  return std::ranges::find(all, one) != all.end();
}

template <class T>
bool holds_all(std::vector<T> const& all, std::vector<T> const& these) {
  return std::ranges::all_of(these, [&](T const& one) { return holds(all, one); });
}

}  // namespace

Verifier::Verifier(std::vector<Key> keys, std::vector<std::string> issuers, std::string audience)
    : audience_(std::move(audience)) {
  use(std::move(keys), std::move(issuers));
}

void Verifier::use(std::vector<Key> keys, std::vector<std::string> issuers) {
  require_distinct(keys);
  auto next = std::make_shared<Trust const>(std::move(keys), std::move(issuers));
  std::lock_guard const lock(mutex_);
  bool const takes_away = !holds_all(next->keys, trust_->keys) || !holds_all(next->issuers, trust_->issuers);
  trust_ = std::move(next);
  // In this order: who reads the new generation verifies with the new keys.
  if (takes_away) generation_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<Verifier::Trust const> Verifier::trust() const {
  std::lock_guard const lock(mutex_);
  return trust_;
}

std::expected<Claims, Fault> Verifier::verify(std::string_view token, Time now, Lifetime lifetime) const {
  auto const jws = split(token);
  if (!jws) return std::unexpected(Fault::malformed);

  // Our own tokens have the key's header to the byte: nothing to decode, nothing to doubt.
  auto const trusted = trust();
  auto const& keys = trusted->keys;
  auto const own =
      std::ranges::find(keys, jws->header, [](Key const& key) { return std::string_view(key.parts_->header); });
  Key const* key = own != keys.end() ? &*own : nullptr;
  if (!key) {
    auto const header = read_header(jws->header);
    if (!header) return std::unexpected(Fault::malformed);
    key = find_key(keys, *header);
    if (!key) return std::unexpected(Fault::wrong_key);
  }

  auto const signature = crypto::from_base64url(jws->signature);
  if (!signature) return std::unexpected(Fault::malformed);
  if (!key->verify(jws->signed_text, *signature)) return std::unexpected(Fault::wrong_signature);

  auto payload = read_payload(jws->payload);
  if (!payload) return std::unexpected(payload.error());
  auto const seconds = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  auto const& claims = payload->claims;
  bool const for_us = holds(trusted->issuers, claims.iss) && claims.aud == audience_;
  bool const begun = claims.iat <= seconds + clock_skew_in_seconds && (!payload->nbf || *payload->nbf <= seconds);
  if (!for_us || !begun) return std::unexpected(Fault::wrong_claims);
  if (claims.exp <= seconds && lifetime == Lifetime::required) return std::unexpected(Fault::expired);
  return std::move(payload->claims);
}

}  // namespace balcao::jwt
