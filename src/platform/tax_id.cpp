#include "platform/tax_id.hpp"

#include <algorithm>

namespace balcao {
namespace {

constexpr std::size_t cpf_size = 11;
constexpr std::size_t cnpj_size = 14;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The check digit of what stands before it: weights 2, 3, … up to `largest` from the right, and again. Letters count
/// by their ASCII code less 48, as digits do.
char check_digit(std::string_view text, int largest) {
  int sum = 0;
  int weight = 2;
  for (auto c = text.rbegin(); c != text.rend(); ++c) {
    sum += (*c - '0') * weight;
    weight = weight == largest ? 2 : weight + 1;
  }
  int const rest = sum % 11;
  return static_cast<char>(rest < 2 ? '0' : '0' + 11 - rest);
}

}  // namespace

std::optional<std::string> read_tax_id(std::string_view text) {
  std::string id;
  for (char const c : text) {
    if (c == '.' || c == '-' || c == '/') continue;
    bool const is_lower = c >= 'a' && c <= 'z';
    if (!is_digit(c) && !is_lower && (c < 'A' || c > 'Z')) return std::nullopt;
    id += is_lower ? static_cast<char>(c - 'a' + 'A') : c;
  }
  bool const is_cpf = id.size() == cpf_size && std::ranges::all_of(id, is_digit);
  if (!is_cpf && id.size() != cnpj_size) return std::nullopt;
  if (std::ranges::all_of(id, [&](char c) { return c == id.front(); })) return std::nullopt;  // 111.111.111-11
  int const largest = is_cpf ? 11 : 9;
  std::string_view const all = id;
  auto const first = all.size() - 2;
  bool const fits = check_digit(all.substr(0, first), largest) == all[first] &&
                    check_digit(all.substr(0, first + 1), largest) == all[first + 1];
  return fits ? std::optional(std::move(id)) : std::nullopt;
}

}  // namespace balcao
