#include "platform/card_number.hpp"

#include <algorithm>
#include <string>

#include "platform/json/parse.hpp"
#include "platform/tax_id.hpp"

namespace balcao {
namespace {

constexpr std::size_t fewest_digits = 13;
constexpr std::size_t most_digits = 19;
constexpr std::size_t longest_group = 6;  // American Express: 4-6-5

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_separator(char c) { return c == ' ' || c == '-'; }

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  bool doubled = false;
  for (std::size_t i = digits.size(); i-- > 0; doubled = !doubled) {
    int const value = digits[i] - '0';
    sum += doubled ? value * 2 - (value > 4 ? 9 : 0) : value;
  }
  return sum % 10 == 0;
}

/// Digits with single separators between them.
struct Run {
  std::string digits;
  std::size_t groups = 1;
  std::size_t longest = 0;
  std::size_t end = 0;
};

Run read_run(std::string_view text, std::size_t start) {
  Run run;
  std::size_t group = 0;
  std::size_t i = start;
  for (; i < text.size(); ++i) {
    if (is_digit(text[i])) {
      run.digits += text[i];
      run.longest = std::max(run.longest, ++group);
    } else if (is_separator(text[i]) && i + 1 < text.size() && is_digit(text[i + 1])) {
      ++run.groups;
      group = 0;
    } else {
      break;
    }
  }
  run.end = i;
  return run;
}

}  // namespace

bool has_card_number(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (!is_digit(text[i])) {
      ++i;
      continue;
    }
    char const before = i == 0 ? ' ' : text[i - 1];
    auto const run = read_run(text, i);
    char const after = run.end == text.size() ? ' ' : text[run.end];
    bool const stands_alone = before != '+' && !is_letter(before) && !is_letter(after);
    bool const grouped_well = run.groups == 1 || run.longest <= longest_group;
    bool const long_enough = run.digits.size() >= fewest_digits && run.digits.size() <= most_digits;
    bool const is_tax_id = read_tax_id(run.digits).has_value();  // one CNPJ in ten passes the Luhn check too
    if (stands_alone && grouped_well && long_enough && !is_tax_id && passes_luhn(run.digits)) return true;
    i = run.end;
  }
  return false;
}

bool holds_card_number(json::Value const& document) {
  switch (document.kind()) {
    case boost::json::kind::string:
      return has_card_number(document.get_string());
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
      return has_card_number(json::to_text(document));
    case boost::json::kind::array:
      return std::ranges::any_of(document.get_array(), holds_card_number);
    case boost::json::kind::object:
      return std::ranges::any_of(document.get_object(), [](auto const& member) {
        return has_card_number(member.key()) || holds_card_number(member.value());
      });
    default:
      return false;
  }
}

std::optional<Problem> refuse_card_number(json::Value const& document) {
  if (!holds_card_number(document)) return std::nullopt;
  return Problem(problems::card_number_refused,
                 {"Something in it looks like a card's number. Cards are entered at the gateway, never here.",
                  "Algo nela parece o número de um cartão. Cartões são informados no gateway, nunca aqui."});
}

}  // namespace balcao
