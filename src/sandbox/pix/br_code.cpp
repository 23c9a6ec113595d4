#include "sandbox/pix/br_code.hpp"

#include <stdexcept>

#include "platform/crypto/hash.hpp"

namespace balcao::sandbox {
namespace {

constexpr std::size_t longest_key = 77;
constexpr std::size_t longest_merchant = 25;
constexpr std::size_t longest_city = 15;
constexpr std::size_t longest_txid = 25;

std::string two_digits(std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); }

/// A data object: its id, the length of its value, its value (EMV QRCPS §3.2).
std::string member(std::string_view id, std::string_view value) {
  return std::string(id) + two_digits(static_cast<std::int64_t>(value.size())) + std::string(value);
}

bool is_letter_or_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

/// The characters that `fits`, at most `longest` of them.
template <class Fits>
std::string only(std::string_view text, std::size_t longest, Fits fits) {
  std::string kept;
  for (char const c : text) {
    if (kept.size() < longest && fits(c)) kept += c;
  }
  return kept;
}

std::string printable(std::string_view text, std::size_t longest) {
  return only(text, longest, [](char c) { return c >= ' ' && c < 0x7f; });
}

/// CRC-16 with the polynomial 0x1021 and the initial value 0xFFFF (EMV QRCPS §4.7.3), in capitals.
std::string checksum(std::string_view text) {
  unsigned crc = 0xffff;
  for (char const c : text) {
    crc ^= static_cast<unsigned>(static_cast<unsigned char>(c)) << 8;
    for (int bit = 0; bit < 8; ++bit) crc = ((crc << 1) ^ ((crc & 0x8000) != 0 ? 0x1021U : 0U)) & 0xffff;
  }
  std::string hex = crypto::to_hex(std::string{static_cast<char>(crc >> 8), static_cast<char>(crc & 0xff)});
  for (char& digit : hex) {
    if (digit >= 'a') digit = static_cast<char>(digit - 'a' + 'A');
  }
  return hex;
}

}  // namespace

std::string br_code(std::string_view txid, std::int64_t amount, std::string_view merchant, std::string_view city,
                    std::string_view key) {
  if (amount < 0) throw std::invalid_argument("pix: an amount is not negative");
  if (key.size() > longest_key) throw std::invalid_argument("pix: no key is so long");
  auto id = only(txid, longest_txid, is_letter_or_digit);
  if (id.empty()) id = "***";
  auto code = member("00", "01") + member("26", member("00", "br.gov.bcb.pix") + member("01", key)) +
              member("52", "0000") + member("53", "986");
  if (amount > 0) code += member("54", std::to_string(amount / 100) + "." + two_digits(amount % 100));
  code += member("58", "BR") + member("59", printable(merchant, longest_merchant)) +
          member("60", printable(city, longest_city)) + member("62", member("05", id)) + "6304";
  return code + checksum(code);
}

}  // namespace balcao::sandbox
