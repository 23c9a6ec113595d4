#include "sandbox/transport/search.hpp"

#include <algorithm>

#include "sandbox/transport/api_error.hpp"

namespace balcao::sandbox {
namespace {

constexpr std::size_t most_clauses = 10;
constexpr std::size_t shortest_substring = 3;

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lowered;
}

ApiError unreadable() {
  return ApiError::invalid(
      "We were unable to parse your search query. Give clauses like email:'a@example.com', name~'ana' or "
      "metadata['key']:'value', joined by AND.",
      "query");
}

/// Reads a query from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() {
    skip_spaces();
    return rest_.empty();
  }

  bool take(std::string_view token) {
    skip_spaces();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  void expect(std::string_view token) {
    if (!take(token)) throw unreadable();
  }

  std::string word() {
    skip_spaces();
    auto const end = std::ranges::find_if_not(rest_, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    std::string const word(rest_.begin(), end);
    rest_.remove_prefix(word.size());
    return word;
  }

  /// Digits without quotes; empty if there are none.
  std::string number() {
    skip_spaces();
    auto const end = std::ranges::find_if_not(rest_, [](char c) { return c >= '0' && c <= '9'; });
    std::string const digits(rest_.begin(), end);
    rest_.remove_prefix(digits.size());
    return digits;
  }

  /// A text in single or double quotes, in which a backslash takes the next character as it is.
  std::string quoted() {
    skip_spaces();
    if (rest_.empty() || (rest_.front() != '\'' && rest_.front() != '"')) throw unreadable();
    char const quote = rest_.front();
    std::string text;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == quote) {
        rest_.remove_prefix(i + 1);
        return text;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      text += rest_[i];
    }
    throw unreadable();
  }

 private:
  void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(' '), rest_.size())); }

  std::string_view rest_;
};

bool has(std::vector<std::string_view> const& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

Clause read_clause(Reader& reader, Searchable const& searchable) {
  Clause clause;
  clause.negated = reader.take("-");
  clause.field = reader.word();
  bool const in_parts = has(searchable.in_parts, clause.field);
  if (clause.field != "metadata" && !in_parts && !has(searchable.whole, clause.field)) {
    throw ApiError::invalid("Field `" + clause.field + "` is an unsupported search field for resource `" +
                                std::string(searchable.resource) + "`.",
                            "query");
  }
  if (clause.field == "metadata") {
    reader.expect("[");
    clause.key = reader.quoted();
    reader.expect("]");
  }
  clause.substring = in_parts && reader.take("~");
  if (!clause.substring) reader.expect(":");
  clause.value = reader.number();
  if (clause.value.empty()) clause.value = lower(reader.quoted());
  if (clause.substring && clause.value.size() < shortest_substring) {
    throw ApiError::invalid("Substring matches need at least 3 characters.", "query");
  }
  return clause;
}

bool holds(Clause const& clause, json::Object const& resource) {
  auto const* value = resource.if_contains(clause.field);
  if (value && clause.field == "metadata") value = value->as_object().if_contains(clause.key);
  if (value && value->is_int64()) return std::to_string(value->get_int64()) == clause.value;
  if (!value || !value->is_string()) return false;
  auto const text = lower(value->get_string());
  return clause.substring ? text.find(clause.value) != text.npos : text == clause.value;
}

}  // namespace

std::vector<Clause> parse_query(std::string_view query, Searchable const& searchable) {
  Reader reader(query);
  std::vector<Clause> clauses{read_clause(reader, searchable)};
  while (!reader.at_end()) {
    if (clauses.size() == most_clauses) throw ApiError::invalid("A search query has at most 10 clauses.", "query");
    if (!reader.take("AND")) reader.expect("and");
    clauses.push_back(read_clause(reader, searchable));
  }
  return clauses;
}

bool matches(std::vector<Clause> const& clauses, json::Object const& resource) {
  return std::ranges::all_of(clauses, [&](Clause const& clause) { return holds(clause, resource) != clause.negated; });
}

}  // namespace balcao::sandbox
