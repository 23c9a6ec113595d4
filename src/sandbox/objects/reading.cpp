#include "sandbox/objects/reading.hpp"

#include <algorithm>

#include "platform/crypto/hash.hpp"

namespace balcao::sandbox::objects {
namespace {

constexpr std::size_t search_step = 100;

}  // namespace

Task<std::optional<json::Object>> Reading::show(std::string id, Changes const& changes) {
  if (auto const* changed = changes.find(id)) co_return changed->resource;
  if (id.starts_with("cus_")) {
    auto customer = co_await customers_.find(id);
    if (!customer) co_return std::nullopt;
    co_return std::move(customer->resource);
  }
  auto object = co_await store_.find(std::move(id));
  if (!object) co_return std::nullopt;
  co_return std::move(object->resource);
}

Task<> Reading::expand_member(json::Object& resource, std::string_view name, Changes const& changes) {
  auto const dot = name.find('.');
  auto* member = resource.if_contains(name.substr(0, dot));
  if (!member) co_return;
  if (member->is_string()) {
    if (auto object = co_await show(std::string(member->get_string()), changes)) *member = std::move(*object);
  }
  if (dot != name.npos && member->is_object()) {
    co_await expand_member(member->get_object(), name.substr(dot + 1), changes);
  }
}

Task<json::Object> Reading::expand(json::Object resource, std::vector<std::string> names, Changes const& changes) {
  for (auto const& name : names) co_await expand_member(resource, name, changes);
  co_return resource;
}

Task<Outcome> Reading::answer(Changes changes, Object const& object, std::vector<std::string> names) {
  if (names.empty()) co_return std::move(changes).answer(200, object.resource);
  auto const shown = co_await expand(object.resource, std::move(names), changes);
  co_return std::move(changes).answer(200, shown);
}

Task<Outcome> Reading::retrieve(ApiCall call, std::string kind, std::string what,
                                std::vector<std::string_view> expandable) {
  auto names = read_expand(call.parameters, expandable, false);
  call.parameters.refuse_unknown();
  auto object = co_await store_.find(std::move(kind), call.ids.front());
  if (!object) co_return Outcome::failed(ApiError::missing(what, call.ids.front()));
  co_return Outcome::ok(co_await expand(std::move(object->resource), std::move(names)));
}

Task<Position> Reading::place_of(std::string kind, std::string parameter, std::string id) {
  auto const object = co_await store_.find(kind, id);
  if (!object) throw ApiError::invalid("No such " + kind + ": '" + id + "'", std::move(parameter), "resource_missing");
  co_return Position{object->created_at, id};
}

Task<Outcome> Reading::list(ApiCall call, Filter filter, std::string url, std::vector<std::string_view> expandable) {
  auto const page = read_page(call.parameters);
  auto const names = read_expand(call.parameters, expandable, true);
  call.parameters.refuse_unknown();

  std::vector<Object> objects;
  if (page.ending_before) {
    auto const place = co_await place_of(filter.kind, "ending_before", *page.ending_before);
    objects = co_await store_.newer(filter, place, page.limit + 1);
  } else {
    auto place = newest_position();
    if (page.starting_after) place = co_await place_of(filter.kind, "starting_after", *page.starting_after);
    objects = co_await store_.older(filter, place, page.limit + 1);
  }
  bool const has_more = objects.size() > page.limit;
  if (has_more) objects.pop_back();
  if (page.ending_before) std::ranges::reverse(objects);
  json::Array data;
  for (auto& object : objects) data.emplace_back(co_await expand(std::move(object.resource), names));
  co_return Outcome::ok(list_body(url, std::move(data), has_more));
}

Task<Outcome> Reading::search(ApiCall call, std::string kind, Searchable searchable, std::string url,
                              std::vector<std::string_view> expandable) {
  auto const clauses = parse_query(call.parameters.required_text("query"), searchable);
  auto const limit = read_limit(call.parameters);
  auto const page = call.parameters.given("page");
  auto const names = read_expand(call.parameters, expandable, true);
  call.parameters.refuse_unknown();
  auto place = newest_position();
  if (page) place = co_await place_of(kind, "page", crypto::from_base64url(*page).value_or(""));

  Filter const all{.kind = kind};
  std::vector<Object> found;
  for (std::size_t read = search_step; read == search_step && found.size() <= limit;) {
    auto objects = co_await store_.older(all, place, search_step);
    read = objects.size();
    if (read > 0) place = {objects.back().created_at, objects.back().id()};
    for (auto& object : objects) {
      if (found.size() <= limit && matches(clauses, object.resource)) found.push_back(std::move(object));
    }
  }
  bool const has_more = found.size() > limit;
  if (has_more) found.pop_back();
  json::Value next_page = nullptr;
  if (has_more) next_page = crypto::to_base64url(found.back().id());
  json::Array data;
  for (auto& object : found) data.emplace_back(co_await expand(std::move(object.resource), names));
  co_return Outcome::ok(search_body(url, std::move(data), has_more, std::move(next_page)));
}

Task<> Reading::expect_customer(std::string id) {
  auto const customer = co_await customers_.find(id);
  if (!customer || customer->deleted) {
    throw ApiError::invalid("No such customer: '" + id + "'", "customer", "resource_missing");
  }
}

}  // namespace balcao::sandbox::objects
