#include "platform/crypto/totp.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <ratio>
#include <stdexcept>

#include "platform/crypto/hash.hpp"

namespace balcao::crypto::totp {
namespace {

constexpr std::size_t digits = 6;
constexpr int period = 30;

std::array<unsigned char, 20> hmac_sha1(std::string_view key, std::array<unsigned char, 8> const& data) {
  std::array<unsigned char, 20> code{};
  unsigned int size = 0;
  if (HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), code.data(), &size) ==
          nullptr ||
      size != code.size()) {
    throw std::runtime_error("crypto: HMAC-SHA1 failed");
  }
  return code;
}

std::string percent_encoded(std::string_view text) { return boost::urls::encode(text, boost::urls::unreserved_chars); }

}  // namespace

std::string code_at(std::string_view secret, Step step) {
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = 0; i < counter.size(); ++i) {
    counter[i] = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (56 - 8 * i) & 255);
  }
  auto const mac = hmac_sha1(secret, counter);
  std::size_t const offset = mac.back() & 15;
  std::uint32_t number = static_cast<std::uint32_t>(mac[offset] & 127) << 24 |
                         static_cast<std::uint32_t>(mac[offset + 1]) << 16 |
                         static_cast<std::uint32_t>(mac[offset + 2]) << 8 | mac[offset + 3];
  std::string code(digits, '0');
  for (auto digit = code.rbegin(); digit != code.rend(); ++digit, number /= 10) {
    *digit = static_cast<char>('0' + number % 10);
  }
  return code;
}

std::optional<Step> verify(std::string_view secret, std::string_view code, Time now,
                           std::optional<Step> last_accepted) {
  using Steps = std::chrono::duration<Step, std::ratio<period>>;
  Step const current = std::chrono::floor<Steps>(now.time_since_epoch()).count();
  std::optional<Step> accepted;
  // The latest that fits: should two steps have the same code, neither is left to be used again.
  for (Step step = current - 1; step <= current + 1; ++step) {
    bool const fits = equal_in_constant_time(code_at(secret, step), code);
    bool const is_new = !last_accepted || step > *last_accepted;
    if (fits && is_new) accepted = step;
  }
  return accepted;
}

std::string otpauth_uri(std::string_view issuer, std::string_view account, std::string_view secret) {
  if (issuer.contains(':')) throw std::invalid_argument("crypto: the issuer of a second factor has a colon");
  std::string const encoded_issuer = percent_encoded(issuer);
  return "otpauth://totp/" + encoded_issuer + ':' + percent_encoded(account) + "?secret=" + to_base32(secret) +
         "&issuer=" + encoded_issuer + "&algorithm=SHA1&digits=" + std::to_string(digits) +
         "&period=" + std::to_string(period);
}

}  // namespace balcao::crypto::totp
