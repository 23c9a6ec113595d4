#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/json/value.hpp"

namespace balcao::sandbox::customers {

/// One condition of a search query: `email:'a@b.c'`, `name~'ana'`, `-metadata['shop']:'2'`.
struct Clause {
  std::string field;  ///< `email`, `name`, `phone`, or `metadata`
  std::string key;    ///< of metadata
  std::string value;
  bool substring = false;
  bool negated = false;
};

/// Reads clauses joined by AND. Throws ApiError for what is none.
std::vector<Clause> parse_query(std::string_view query);

/// Whether all clauses hold; letters are the same in either case.
bool matches(std::vector<Clause> const& clauses, json::Object const& customer);

}  // namespace balcao::sandbox::customers
