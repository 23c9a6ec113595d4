#include "auth/second_factor/recovery_codes.hpp"

#include <algorithm>

#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"

namespace balcao::auth::recovery_codes {
namespace {

/// Neither 0 and o, nor 1 and l.
constexpr std::string_view alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
static_assert(alphabet.size() == 32);

constexpr std::size_t how_many = 10;
constexpr std::size_t group = 5;
constexpr std::size_t length = 2 * group;

std::string make_one() {
  std::string code;
  for (char const byte : crypto::random_bytes(length)) {
    if (code.size() == group) code += '-';
    code += alphabet[static_cast<unsigned char>(byte) % alphabet.size()];
  }
  return code;
}

}  // namespace

std::vector<std::string> make() {
  std::vector<std::string> codes(how_many);
  std::ranges::generate(codes, make_one);
  return codes;
}

std::optional<std::string> parse(std::string_view typed) {
  std::string code;
  for (char const c : typed) {
    if (c == '-' || c == ' ') continue;
    code += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  bool const is_one = code.size() == length && code.find_first_not_of(alphabet) == std::string::npos;
  return is_one ? std::optional(std::move(code)) : std::nullopt;
}

std::string hash_of(std::string_view parsed, std::string_view totp_secret) {
  return crypto::hmac_sha256(totp_secret, "balcao recovery code: " + std::string(parsed));
}

}  // namespace balcao::auth::recovery_codes
