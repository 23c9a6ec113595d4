#include <openssl/crypto.h>

#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"
#include "platform/jwt/parts.hpp"

namespace balcao::jwt {
namespace {

constexpr std::size_t ed25519_key_size = 32;
constexpr std::size_t ed25519_signature_size = 64;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

unsigned char const* as_bytes(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }

void require(bool done, char const* what) {
  if (!done) throw std::runtime_error(what);
}

std::string encoded_header(Key::Algorithm algorithm, std::string_view kid) {
  std::string header = R"({"alg":")";
  header.append(name_of(algorithm)).append(R"(","typ":"at+jwt")");
  if (!kid.empty()) header += R"(,"kid":)" + boost::json::serialize(kid);
  return crypto::to_base64url(header + "}");
}

}  // namespace

Key::Parts::Parts(Algorithm algorithm_, std::string kid_, std::string_view secret_)
    : algorithm(algorithm_), kid(std::move(kid_)), secret(secret_), header(encoded_header(algorithm, kid)) {
  if (algorithm == Algorithm::hs256) return;
  pkey.reset(EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, as_bytes(secret), secret.size()));
  require(pkey != nullptr, "jwt: no Ed25519 key to be made");
}

Key::Parts::Parts(std::string kid_, std::unique_ptr<EVP_PKEY, FreePkey> public_key)
    : algorithm(Algorithm::eddsa),
      kid(std::move(kid_)),
      pkey(std::move(public_key)),
      header(encoded_header(algorithm, kid)) {}

Key::Parts::~Parts() { OPENSSL_cleanse(secret.data(), secret.size()); }

std::string Key::Parts::sign(std::string_view text) const {
  if (algorithm == Algorithm::hs256) return crypto::hmac_sha256(secret, text);
  std::unique_ptr<EVP_MD_CTX, FreeContext> const context(EVP_MD_CTX_new());
  std::string signature(ed25519_signature_size, '\0');
  std::size_t size = signature.size();
  require(context &&
              EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, pkey.get(), nullptr) == 1 &&
              EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, as_bytes(text),
                             text.size()) == 1,
          "jwt: signing failed");
  return signature;
}

bool Key::Parts::verify(std::string_view text, std::string_view signature) const {
  if (algorithm == Algorithm::hs256) {
    return crypto::equal_in_constant_time(crypto::hmac_sha256(secret, text), signature);
  }
  std::unique_ptr<EVP_MD_CTX, FreeContext> const context(EVP_MD_CTX_new());
  require(
      context && EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, pkey.get(), nullptr) == 1,
      "jwt: verifying failed");
  return EVP_DigestVerify(context.get(), as_bytes(signature), signature.size(), as_bytes(text), text.size()) == 1;
}

Key Key::hs256(std::string_view secret) {
  if (secret.empty()) throw std::invalid_argument("jwt: an empty secret signs nothing");
  Key key;
  key.parts_ = std::make_shared<Parts const>(Algorithm::hs256, std::string(), secret);
  return key;
}

Key Key::generate_ed25519() { return ed25519(crypto::random_token(16), crypto::random_bytes(ed25519_key_size)); }

Key Key::ed25519(std::string kid, std::string_view private_bytes) {
  if (private_bytes.size() != ed25519_key_size) throw std::invalid_argument("jwt: an Ed25519 key has 32 private bytes");
  if (kid.empty()) throw std::invalid_argument("jwt: an Ed25519 key needs a kid");
  Key key;
  key.parts_ = std::make_shared<Parts const>(Algorithm::eddsa, std::move(kid), private_bytes);
  return key;
}

Key Key::ed25519_public(std::string kid, std::string_view public_bytes) {
  if (public_bytes.size() != ed25519_key_size) throw std::invalid_argument("jwt: an Ed25519 key has 32 public bytes");
  if (kid.empty()) throw std::invalid_argument("jwt: an Ed25519 key needs a kid");
  std::unique_ptr<EVP_PKEY, Parts::FreePkey> pkey(
      EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, as_bytes(public_bytes), public_bytes.size()));
  require(pkey != nullptr, "jwt: no Ed25519 key to be made");
  Key key;
  key.parts_ = std::make_shared<Parts const>(std::move(kid), std::move(pkey));
  return key;
}

Key::Algorithm Key::algorithm() const { return parts_->algorithm; }

std::string const& Key::kid() const { return parts_->kid; }

std::string Key::private_bytes() const { return algorithm() == Algorithm::eddsa ? parts_->secret : std::string(); }

std::string Key::public_jwk() const {
  if (algorithm() == Algorithm::hs256) return {};
  std::string point(ed25519_key_size, '\0');
  std::size_t size = point.size();
  require(EVP_PKEY_get_raw_public_key(parts_->pkey.get(), reinterpret_cast<unsigned char*>(point.data()), &size) == 1,
          "jwt: no public key to be had");
  return R"({"kty":"OKP","crv":"Ed25519","x":")" + crypto::to_base64url(point) + R"(","kid":)" +
         boost::json::serialize(std::string_view(kid())) + R"(,"alg":"EdDSA","use":"sig"})";
}

}  // namespace balcao::jwt
