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

/// `</products?limit=2&cursor=…>; rel="next"`: the target with its cursor exchanged.
std::string next_link(Target const& target, std::string_view cursor);

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
