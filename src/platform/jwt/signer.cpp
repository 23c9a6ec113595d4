#include <algorithm>
#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "platform/crypto/hash.hpp"
#include "platform/jwt/parts.hpp"

namespace balcao::jwt {
namespace {

/// Appends `text` as a JSON string. Claims are ids and names as a rule: those need no escape, and no second string.
void append_json_string(std::string& out, std::string_view text) {
  auto const is_plain = [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  if (std::ranges::all_of(text, is_plain)) {
    out.append(1, '"').append(text).append(1, '"');
  } else {
    out += boost::json::serialize(text);
  }
}

std::string to_json(Claims const& claims) {
  std::string json;
  json.reserve(512);
  for (auto const& [name, member] : text_claims) {
    json += json.empty() ? "{\"" : ",\"";
    json.append(name).append("\":");
    append_json_string(json, claims.*member);
  }
  return json.append(",\"iat\":").append(std::to_string(claims.iat)).append(",\"exp\":") + std::to_string(claims.exp) +
         "}";
}

}  // namespace

void Signer::use(Key key) {
  std::lock_guard const lock(mutex_);
  key_ = std::move(key);
}

std::string Signer::sign(Claims const& claims) const {
  auto const key = [this] {
    std::lock_guard const lock(mutex_);
    return key_;
  }();
  if (!key) throw std::logic_error("jwt: there is no key to sign with yet");
  std::string token = key->parts_->header + "." + crypto::to_base64url(to_json(claims));
  return token + "." + crypto::to_base64url(key->sign(token));
}

}  // namespace balcao::jwt
