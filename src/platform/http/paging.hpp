#pragma once

#include "platform/http/extract.hpp"
#include "platform/http/respond.hpp"

namespace balcao::http {

/// The address that was asked for, as sent.
struct Target {
  std::string path;
  std::string query;
};

template <>
struct Extract<Target> {
  static std::optional<Target> take(Exchange& exchange) {
    return Target{std::string(exchange.request.path), std::string(exchange.request.query)};
  }
  static void document(Operation&) {}
};

/// A page of a list; `link` is the value of the Link field (RFC 8288) that leads to the next one, empty at the end.
template <class T>
struct Paged {
  T body;
  std::string link;
};

/// How many things a page has: those asked for, or 20.
template <class Limit>
std::size_t limit_of(std::optional<Limit> const& asked) {
  return static_cast<std::size_t>(asked ? asked->number() : 20);
}

/// `</products?limit=2&cursor=…>; rel="next"`: the target with its cursor exchanged.
std::string next_link(Target const& target, std::string_view cursor);

/// A page of `limit` of the `things`, of which there is one more if another page follows. `show` makes what clients see
/// of one; the last one's id is the cursor. A List has the members data, next_cursor and has_more.
template <class List, class Thing, class Show>
Paged<List> page_of(std::vector<Thing> things, std::size_t limit, Target const& target, Show show) {
  List body{{}, std::nullopt, things.size() > limit};
  if (body.has_more) things.pop_back();
  for (auto const& thing : things) body.data.push_back(show(thing));
  if (!body.has_more) return {std::move(body), {}};
  body.next_cursor = things.back().id.str();
  auto link = next_link(target, *body.next_cursor);
  return {std::move(body), std::move(link)};
}

template <class T>
struct Respond<Paged<T>> {
  static Response make(Paged<T> answer) {
    auto response = detail::json_response(200, answer.body);
    if (!answer.link.empty()) response.header("Link", std::move(answer.link));
    return response;
  }
  static void document(json::Object& responses, json::Schemas& schemas) {
    Respond<Ok<T>>::document(responses, schemas);
  }
};

}  // namespace balcao::http
