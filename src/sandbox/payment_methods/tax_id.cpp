#include "sandbox/payment_methods/tax_id.hpp"

#include <algorithm>
#include <string>

namespace balcao::sandbox::payment_methods {
namespace {

/// The check digit of what stands before it: weights 2, 3, … from the right, of which a CNPJ has eight.
char check_digit(std::string_view digits, int weights) {
  int sum = 0;
  int weight = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    sum += (*digit - '0') * (2 + weight % weights);
    ++weight;
  }
  int const rest = sum % 11;
  return static_cast<char>(rest < 2 ? '0' : '0' + 11 - rest);
}

}  // namespace

bool is_tax_id(std::string_view text) {
  std::string digits;
  for (char const c : text) {
    if (c >= '0' && c <= '9') {
      digits += c;
    } else if (c != '.' && c != '-' && c != '/') {
      return false;
    }
  }
  if (digits.size() != 11 && digits.size() != 14) return false;
  if (std::ranges::all_of(digits, [&](char c) { return c == digits.front(); })) return false;
  int const weights = digits.size() == 11 ? 10 : 8;
  std::string_view const all = digits;
  auto const first = all.size() - 2;
  return check_digit(all.substr(0, first), weights) == all[first] &&
         check_digit(all.substr(0, first + 1), weights) == all[first + 1];
}

}  // namespace balcao::sandbox::payment_methods
