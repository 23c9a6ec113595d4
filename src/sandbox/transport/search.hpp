#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform/json/value.hpp"

namespace balcao::sandbox {

/// One condition of a search query: `email:'a@b.c'`, `name~'ana'`, `-metadata['shop']:'2'`.
struct Clause {
  std::string field;  ///< a member, or `metadata`
  std::string key;    ///< of metadata
  std::string value;
  bool substring = false;
  bool negated = false;
};

/// What can be searched for, beside metadata.
struct Searchable {
  std::string_view resource;               ///< as a refusal names it: `customers`
  std::vector<std::string_view> whole;     ///< members that are compared whole
  std::vector<std::string_view> in_parts;  ///< members of which a part may be asked for
};

/// Reads clauses joined by AND. Throws ApiError for what is none.
std::vector<Clause> parse_query(std::string_view query, Searchable const& searchable);

/// Whether all clauses hold; letters are the same in either case.
bool matches(std::vector<Clause> const& clauses, json::Object const& resource);

}  // namespace balcao::sandbox
