#include "payments/inbox/signature.hpp"

#include <charconv>
#include <chrono>
#include <optional>

#include "platform/crypto/hash.hpp"

namespace balcao::payments {
namespace {

constexpr std::chrono::seconds tolerance{300};
/// During a rotation there are two; more than this nobody sends.
constexpr std::size_t most_signatures = 8;

struct Header {
  std::string_view timestamp;
  std::vector<std::string> signatures;
};

Header read(std::string_view text) {
  Header header;
  while (!text.empty()) {
    auto const element = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), element.size() + 1));
    if (element.starts_with("t=")) header.timestamp = element.substr(2);
    if (!element.starts_with("v1=") || header.signatures.size() == most_signatures) continue;
    if (auto signature = crypto::from_hex(element.substr(3))) header.signatures.push_back(std::move(*signature));
  }
  return header;
}

std::optional<Time> read_time(std::string_view text) {
  std::int64_t seconds = 0;
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  bool const whole = error == std::errc() && end == text.data() + text.size();
  constexpr std::int64_t largest = 253'402'300'799;  // the year 9999: far from where microseconds would overflow
  if (!whole || seconds < 0 || seconds > largest) return std::nullopt;
  return Time{std::chrono::seconds(seconds)};
}

}  // namespace

bool is_signed(std::string_view header, std::string_view body, std::vector<std::string> const& secrets, Time now) {
  auto const [timestamp, signatures] = read(header);
  auto const time = read_time(timestamp);
  if (!time || now - *time > tolerance || *time - now > tolerance) return false;
  auto const message = std::string(timestamp) + "." + std::string(body);
  bool found = false;
  for (auto const& secret : secrets) {
    auto const expected = crypto::hmac_sha256(secret, message);
    for (auto const& signature : signatures) found |= crypto::equal_in_constant_time(expected, signature);
  }
  return found;
}

}  // namespace balcao::payments
