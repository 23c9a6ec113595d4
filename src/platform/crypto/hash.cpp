#include "platform/crypto/hash.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <memory>
#include <stdexcept>

namespace balcao::crypto {
namespace {

constexpr std::size_t digest_size = 32;

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

void require(bool done, char const* what) {
  if (!done) throw std::runtime_error(what);
}

unsigned char const* as_bytes(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }
unsigned char* as_bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// Fetching an algorithm costs more than using it: once for the program, and never freed, as threads may outlive
/// statics.
EVP_MD const* sha256_algorithm() {
  static EVP_MD const* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  require(algorithm != nullptr, "crypto: OpenSSL has no SHA-256");
  return algorithm;
}

std::unique_ptr<EVP_MAC_CTX, Free> make_hmac_sha256() {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  require(algorithm != nullptr, "crypto: OpenSSL has no HMAC");
  std::unique_ptr<EVP_MAC_CTX, Free> context(EVP_MAC_CTX_new(algorithm));
  char digest[] = "SHA256";
  OSSL_PARAM const parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  require(context && EVP_MAC_CTX_set_params(context.get(), parameters) == 1, "crypto: HMAC-SHA256 failed");
  return context;
}

}  // namespace

std::string sha256(std::string_view data) {
  thread_local std::unique_ptr<EVP_MD_CTX, Free> const context(EVP_MD_CTX_new());
  std::string digest(digest_size, '\0');
  require(context && EVP_DigestInit_ex2(context.get(), sha256_algorithm(), nullptr) == 1 &&
              EVP_DigestUpdate(context.get(), data.data(), data.size()) == 1 &&
              EVP_DigestFinal_ex(context.get(), as_bytes(digest), nullptr) == 1,
          "crypto: SHA-256 failed");
  return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
  thread_local auto const context = make_hmac_sha256();
  if (key.empty()) key = std::string_view("", 0);  // a null pointer would mean: the key of the call before
  std::string code(digest_size, '\0');
  std::size_t size = 0;
  require(EVP_MAC_init(context.get(), as_bytes(key), key.size(), nullptr) == 1 &&
              EVP_MAC_update(context.get(), as_bytes(data), data.size()) == 1 &&
              EVP_MAC_final(context.get(), as_bytes(code), &size, code.size()) == 1 && size == digest_size,
          "crypto: HMAC-SHA256 failed");
  return code;
}

std::string hkdf_sha256(std::string_view secret, std::string_view info, std::size_t size) {
  if (size > 255 * digest_size) throw std::invalid_argument("crypto: HKDF-SHA256 gives at most 8160 bytes");
  std::string const pseudorandom_key = hmac_sha256(std::string(digest_size, '\0'), secret);
  std::string key;
  std::string block;
  for (unsigned char counter = 1; key.size() < size; ++counter) {
    block = hmac_sha256(pseudorandom_key, block.append(info).append(1, static_cast<char>(counter)));
    key += block;
  }
  key.resize(size);
  return key;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace balcao::crypto
