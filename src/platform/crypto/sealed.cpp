#include "platform/crypto/sealed.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"

namespace balcao::crypto {
namespace {

constexpr char version = 1;
constexpr std::size_t key_id_size = 8;
constexpr std::size_t header_size = 1 + key_id_size;
constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;
constexpr std::size_t smallest_key = 16;

enum class Direction : int { open = 0, seal = 1 };

struct Free {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Free>;

void require(bool done) {
  if (!done) throw std::runtime_error("crypto: AES-256-GCM failed");
}

unsigned char const* as_bytes(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }

/// A cipher that has taken the key, the nonce and the associated data: the header has one length, so that no other
/// header and context give the same.
Cipher make_cipher(Direction direction, std::string_view key, std::string_view nonce, std::string_view header,
                   std::string_view context) {
  Cipher cipher(EVP_CIPHER_CTX_new());
  require(cipher && EVP_CipherInit_ex2(cipher.get(), EVP_aes_256_gcm(), as_bytes(key), as_bytes(nonce),
                                       static_cast<int>(direction), nullptr) == 1);
  int taken = 0;
  for (auto const part : {header, context}) {
    require(part.empty() ||
            EVP_CipherUpdate(cipher.get(), nullptr, &taken, as_bytes(part), static_cast<int>(part.size())) == 1);
  }
  return cipher;
}

std::string transform(Cipher const& cipher, std::string_view input) {
  std::string output(input.size(), '\0');
  int size = 0;
  require(input.empty() || EVP_CipherUpdate(cipher.get(), reinterpret_cast<unsigned char*>(output.data()), &size,
                                            as_bytes(input), static_cast<int>(input.size())) == 1);
  return output;
}

/// GCM gives no more bytes at the end; when opening, it says whether the tag is right.
bool finish(Cipher const& cipher) {
  unsigned char none[EVP_MAX_BLOCK_LENGTH];
  int size = 0;
  return EVP_CipherFinal_ex(cipher.get(), none, &size) == 1;
}

std::string header_of(std::string_view key_id) { return std::string(1, version).append(key_id); }

}  // namespace

Sealer::Sealer(std::vector<std::string> const& keys) {
  if (keys.empty()) throw std::invalid_argument("crypto: no key to seal with");
  for (auto const& key : keys) {
    if (key.size() < smallest_key) throw std::invalid_argument("crypto: a key to seal with is shorter than 16 bytes");
    keys_.push_back({.id = hkdf_sha256(key, "balcao sealed: key id", key_id_size),
                     .cipher_key = hkdf_sha256(key, "balcao sealed: AES-256-GCM", 32)});
  }
}

std::string Sealer::seal(std::string_view plaintext, std::string_view context) const {
  auto const& key = keys_.front();
  std::string const header = header_of(key.id);
  std::string const nonce = random_bytes(nonce_size);
  auto const cipher = make_cipher(Direction::seal, key.cipher_key, nonce, header, context);
  std::string const ciphertext = transform(cipher, plaintext);
  std::string tag(tag_size, '\0');
  require(finish(cipher) && EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, tag.data()) == 1);
  return header + nonce + ciphertext + tag;
}

std::optional<std::string> Sealer::open(std::string_view sealed, std::string_view context) const {
  if (sealed.size() < header_size + nonce_size + tag_size) return std::nullopt;
  auto const header = sealed.substr(0, header_size);
  auto const key = std::ranges::find_if(keys_, [header](Key const& one) { return header == header_of(one.id); });
  if (key == keys_.end()) return std::nullopt;

  auto const nonce = sealed.substr(header_size, nonce_size);
  auto const body = sealed.substr(header_size + nonce_size);
  std::string tag(body.substr(body.size() - tag_size));
  auto const cipher = make_cipher(Direction::open, key->cipher_key, nonce, header, context);
  std::string plaintext = transform(cipher, body.substr(0, body.size() - tag_size));
  require(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()) == 1);
  return finish(cipher) ? std::optional(std::move(plaintext)) : std::nullopt;
}

bool Sealer::is_current(std::string_view sealed) const { return sealed.starts_with(header_of(keys_.front().id)); }

}  // namespace balcao::crypto
