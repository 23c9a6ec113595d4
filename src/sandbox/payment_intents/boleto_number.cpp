#include "sandbox/payment_intents/boleto_number.hpp"

#include <iomanip>
#include <sstream>

#include "platform/crypto/hash.hpp"

namespace balcao::sandbox::payment_intents {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

constexpr std::string_view bank_and_currency = "0019";  // Banco do Brasil, real
constexpr std::size_t size_of_free_field = 25;

std::string padded(std::int64_t number, int width) {
  std::ostringstream text;
  text << std::setw(width) << std::setfill('0') << number;
  return std::move(text).str();
}

/// Weights 2, 1, 2, … from the right; of a product its digits are summed.
char modulo_10(std::string_view digits) {
  int sum = 0;
  int weight = 2;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    int const product = (*digit - '0') * weight;
    sum += product / 10 + product % 10;
    weight = 3 - weight;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

/// Weights 2 to 9 from the right; 0, 10 and 11 become 1.
char modulo_11(std::string_view digits) {
  int sum = 0;
  int weight = 2;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    sum += (*digit - '0') * weight;
    weight = weight == 9 ? 2 : weight + 1;
  }
  int const check = 11 - sum % 11;
  return static_cast<char>(check > 9 ? '1' : '0' + check);
}

/// Days since 7 October 1997; after 9999 it goes on from 1000, on 22 February 2025.
std::int64_t due_factor(Time due) {
  static constexpr sys_days epoch = std::chrono::year(1997) / 10 / 7;
  auto const factor = (std::chrono::floor<days>(due) - epoch).count();
  return factor <= 9999 ? factor : (factor - 1000) % 9000 + 1000;
}

std::string free_field(std::string_view id) {
  std::string digits;
  for (char const byte : crypto::sha256(id)) {
    if (digits.size() < size_of_free_field) digits += static_cast<char>('0' + static_cast<unsigned char>(byte) % 10);
  }
  return digits;
}

}  // namespace

std::string boleto_number(std::int64_t amount, Time due, std::string_view id) {
  auto const free = free_field(id);
  auto const factor_and_amount = padded(due_factor(due), 4) + padded(amount, 10);
  auto const check = modulo_11(std::string(bank_and_currency) + factor_and_amount + free);
  std::string line;
  for (auto const& field :
       {std::string(bank_and_currency) + free.substr(0, 5), free.substr(5, 10), free.substr(15, 10)}) {
    line += field + modulo_10(field);
  }
  return line + check + factor_and_amount;
}

}  // namespace balcao::sandbox::payment_intents
