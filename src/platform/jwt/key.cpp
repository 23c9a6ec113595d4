#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"
#include "platform/jwt/parts.hpp"

namespace balcao::jwt {
namespace {

constexpr std::size_t key_size = 32;
constexpr std::size_t signature_size = 64;

constexpr std::array<std::pair<Key::Algorithm, std::string_view>, 3> names{{
    {Key::Algorithm::hs256, "HS256"},
    {Key::Algorithm::eddsa, "EdDSA"},
    {Key::Algorithm::es256, "ES256"},
}};

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

unsigned char const* as_bytes(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }
unsigned char* as_bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void require(bool done, char const* what) {
  if (!done) throw std::runtime_error(what);
}

/// What the caller gave is no key.
void demand(bool given, char const* what) {
  if (!given) throw std::invalid_argument(what);
}

std::string encoded_header(Key::Algorithm algorithm, std::string_view kid) {
  std::string header = R"({"alg":")";
  header.append(to_string(algorithm)).append(R"(","typ":"at+jwt")");
  if (!kid.empty()) header += R"(,"kid":)" + boost::json::serialize(kid);
  return crypto::to_base64url(header + "}");
}

/// The digest that is signed; Ed25519 makes its own.
char const* digest_of(Key::Algorithm algorithm) { return algorithm == Key::Algorithm::es256 ? "SHA256" : nullptr; }

}  // namespace

std::string_view to_string(Key::Algorithm algorithm) {
  return std::ranges::find(names, algorithm, &decltype(names)::value_type::first)->second;
}

std::optional<Key::Algorithm> parse_algorithm(std::string_view name) {
  auto const found = std::ranges::find(names, name, &decltype(names)::value_type::second);
  return found == names.end() ? std::nullopt : std::optional(found->first);
}

Key::Parts::Parts(Algorithm algorithm_, std::string kid_, std::string_view secret_, Pkey pkey_)
    : algorithm(algorithm_),
      kid(std::move(kid_)),
      secret(secret_),
      pkey(std::move(pkey_)),
      header(encoded_header(algorithm, kid)) {}

Key::Parts::~Parts() { OPENSSL_cleanse(secret.data(), secret.size()); }

std::string Key::sign(std::string_view text) const {
  if (algorithm() == Algorithm::hs256) return crypto::hmac_sha256(parts_->secret, text);
  if (parts_->secret.empty()) throw std::logic_error("jwt: a public key signs nothing");
  std::unique_ptr<EVP_MD_CTX, FreeContext> const context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(parts_->pkey.get())), '\0');
  std::size_t size = signature.size();
  require(context &&
              EVP_DigestSignInit_ex(context.get(), nullptr, digest_of(algorithm()), nullptr, nullptr,
                                    parts_->pkey.get(), nullptr) == 1 &&
              EVP_DigestSign(context.get(), as_bytes(signature), &size, as_bytes(text), text.size()) == 1,
          "jwt: signing failed");
  signature.resize(size);
  return algorithm() == Algorithm::es256 ? p256::to_raw(signature) : signature;
}

bool Key::verify(std::string_view text, std::string_view signature) const {
  if (algorithm() == Algorithm::hs256) {
    return crypto::equal_in_constant_time(crypto::hmac_sha256(parts_->secret, text), signature);
  }
  if (signature.size() != signature_size) return false;
  std::unique_ptr<EVP_MD_CTX, FreeContext> const context(EVP_MD_CTX_new());
  require(context && EVP_DigestVerifyInit_ex(context.get(), nullptr, digest_of(algorithm()), nullptr, nullptr,
                                             parts_->pkey.get(), nullptr) == 1,
          "jwt: verifying failed");
  auto const given = algorithm() == Algorithm::es256 ? p256::to_der(signature) : std::string(signature);
  return EVP_DigestVerify(context.get(), as_bytes(std::string_view(given)), given.size(), as_bytes(text),
                          text.size()) == 1;
}

Key Key::hs256(std::string_view secret) {
  demand(!secret.empty(), "jwt: an empty secret signs nothing");
  Key key;
  key.parts_ = std::make_shared<Parts const>(Algorithm::hs256, std::string(), secret, nullptr);
  return key;
}

Key Key::generate(Algorithm algorithm) {
  // One number in four thousand million is not of P-256's group; then another one is drawn.
  for (;;) {
    try {
      return from_private(algorithm, crypto::random_token(16), crypto::random_bytes(key_size));
    } catch (std::invalid_argument const&) {
      if (algorithm != Algorithm::es256) throw;
    }
  }
}

Key Key::from_private(Algorithm algorithm, std::string kid, std::string_view private_bytes) {
  demand(algorithm != Algorithm::hs256, "jwt: HS256 has no key pair");
  demand(private_bytes.size() == key_size, "jwt: a key has 32 private bytes");
  demand(!kid.empty(), "jwt: a key pair needs a kid");
  Pkey pkey = algorithm == Algorithm::es256
                  ? p256::from_private(private_bytes)
                  : Pkey(EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, as_bytes(private_bytes),
                                                         private_bytes.size()));
  demand(pkey != nullptr, "jwt: no key can be made of these bytes");
  Key key;
  key.parts_ = std::make_shared<Parts const>(algorithm, std::move(kid), private_bytes, std::move(pkey));
  return key;
}

Key Key::ed25519_public(std::string kid, std::string_view public_bytes) {
  demand(public_bytes.size() == key_size, "jwt: an Ed25519 key has 32 public bytes");
  demand(!kid.empty(), "jwt: an Ed25519 key needs a kid");
  Pkey pkey(EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, as_bytes(public_bytes), public_bytes.size()));
  require(pkey != nullptr, "jwt: no Ed25519 key to be made");
  Key key;
  key.parts_ = std::make_shared<Parts const>(Algorithm::eddsa, std::move(kid), std::string_view(), std::move(pkey));
  return key;
}

Key Key::es256_public(std::string kid, std::string_view x, std::string_view y) {
  demand(x.size() == p256::coordinate_size && y.size() == p256::coordinate_size,
         "jwt: a coordinate of P-256 has 32 bytes");
  demand(!kid.empty(), "jwt: a P-256 key needs a kid");
  auto pkey = p256::from_point(x, y);
  demand(pkey != nullptr, "jwt: this is no point of P-256");
  Key key;
  key.parts_ = std::make_shared<Parts const>(Algorithm::es256, std::move(kid), std::string_view(), std::move(pkey));
  return key;
}

bool Key::operator==(Key const& other) const {
  if (parts_ == other.parts_) return true;
  if (algorithm() != other.algorithm() || kid() != other.kid()) return false;
  if (algorithm() != Algorithm::hs256) return public_jwk() == other.public_jwk();
  return crypto::equal_in_constant_time(parts_->secret, other.parts_->secret);
}

Key::Algorithm Key::algorithm() const { return parts_->algorithm; }

std::string const& Key::kid() const { return parts_->kid; }

std::string Key::private_bytes() const { return algorithm() == Algorithm::hs256 ? std::string() : parts_->secret; }

std::string Key::public_jwk() const {
  std::string jwk;
  if (algorithm() == Algorithm::hs256) return jwk;
  if (algorithm() == Algorithm::es256) {
    auto const point = p256::point_of(parts_->pkey.get());
    jwk = R"({"kty":"EC","crv":"P-256","x":")" + crypto::to_base64url(point.substr(0, p256::coordinate_size)) +
          R"(","y":")" + crypto::to_base64url(point.substr(p256::coordinate_size));
  } else {
    std::string point(key_size, '\0');
    std::size_t size = point.size();
    require(EVP_PKEY_get_raw_public_key(parts_->pkey.get(), as_bytes(point), &size) == 1,
            "jwt: no public key to be had");
    jwk = R"({"kty":"OKP","crv":"Ed25519","x":")" + crypto::to_base64url(point);
  }
  return jwk + R"(","kid":)" + boost::json::serialize(std::string_view(kid())) + R"(,"alg":")" +
         std::string(to_string(algorithm())) + R"(","use":"sig"})";
}

}  // namespace balcao::jwt
