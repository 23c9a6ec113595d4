#include "sandbox/transport/list.hpp"

#include <algorithm>

namespace balcao::sandbox {
namespace {

using std::chrono::seconds;

constexpr std::int64_t last_second = 253'402'300'799;  // the end of the year 9999

Time from_unix(std::int64_t second) { return Time(seconds(second)); }

}  // namespace

Position newest_position() { return {from_unix(last_second), ""}; }
Position oldest_position() { return {from_unix(0), ""}; }

std::int64_t to_unix(Time time) { return std::chrono::floor<seconds>(time.time_since_epoch()).count(); }

std::size_t read_limit(Parameters& parameters) {
  return static_cast<std::size_t>(parameters.integer("limit", 1, 100).value_or(10));
}

Page read_page(Parameters& parameters) {
  Page page{read_limit(parameters), parameters.given("starting_after"), parameters.given("ending_before")};
  if (page.starting_after && page.ending_before) {
    throw ApiError::invalid("Received both ending_before and starting_after parameters. Please pass in only one.",
                            "ending_before");
  }
  return page;
}

CreatedRange read_created(Parameters& parameters) {
  CreatedRange range{from_unix(0), from_unix(last_second)};
  if (!parameters.is_object("created")) {
    if (auto const second = parameters.integer("created", 0, last_second - 1)) {
      range = {from_unix(*second), from_unix(*second + 1)};
    }
    return range;
  }
  auto bounds = *parameters.object("created");
  auto const bound = [&](std::string_view name) { return bounds.integer(name, 0, last_second - 1); };
  if (auto const second = bound("gte")) range.from = std::max(range.from, from_unix(*second));
  if (auto const second = bound("gt")) range.from = std::max(range.from, from_unix(*second + 1));
  if (auto const second = bound("lt")) range.until = std::min(range.until, from_unix(*second));
  if (auto const second = bound("lte")) range.until = std::min(range.until, from_unix(*second + 1));
  bounds.refuse_unknown();
  return range;
}

std::vector<std::string> read_expand(Parameters& parameters, std::vector<std::string_view> const& expandable,
                                     bool of_list) {
  static constexpr std::string_view list_prefix = "data.";
  auto names = parameters.texts("expand");
  for (auto& name : names) {
    auto const sent = name;
    if (of_list && name.starts_with(list_prefix)) name.erase(0, list_prefix.size());
    bool const found = std::ranges::find(expandable, name) != expandable.end() && (name != sent) == of_list;
    if (!found) throw ApiError::invalid("This property cannot be expanded (" + sent + ").", "expand");
  }
  return names;
}

json::Object list_body(std::string_view url, json::Array data, bool has_more) {
  return {{"object", "list"}, {"data", std::move(data)}, {"has_more", has_more}, {"url", url}};
}

json::Object search_body(std::string_view url, json::Array data, bool has_more, json::Value next_page) {
  return {{"object", "search_result"},
          {"data", std::move(data)},
          {"has_more", has_more},
          {"next_page", std::move(next_page)},
          {"url", url}};
}

}  // namespace balcao::sandbox
