#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/runtime/clock.hpp"
#include "sandbox/transport/parameters.hpp"

namespace balcao::sandbox {

/// Where an object stands in every list: newest first, and the id decides between two of one moment.
struct Position {
  Time created_at;
  std::string id;
};

/// The positions before and after all others.
Position newest_position();
Position oldest_position();

/// `limit`, `starting_after`, `ending_before`.
struct Page {
  std::size_t limit;
  std::optional<std::string> starting_after;
  std::optional<std::string> ending_before;
};

Page read_page(Parameters& parameters);
std::size_t read_limit(Parameters& parameters);

/// `created=…` or `created[gt|gte|lt|lte]=…`: from `from` to before `until`. It has a resolution of a second.
struct CreatedRange {
  Time from;
  Time until;
};

CreatedRange read_created(Parameters& parameters);

/// Reads `expand[]`; throws for what is none of `expandable`. In lists the names begin with `data.`
std::vector<std::string> read_expand(Parameters& parameters, std::vector<std::string_view> const& expandable,
                                     bool of_list);

json::Object list_body(std::string_view url, json::Array data, bool has_more);

json::Object search_body(std::string_view url, json::Array data, bool has_more, json::Value next_page);

std::int64_t to_unix(Time time);

}  // namespace balcao::sandbox
