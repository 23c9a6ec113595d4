#pragma once

#include <string>
#include <variant>

#include "platform/http/message.hpp"
#include "platform/json/codec.hpp"

namespace balcao::http {

/// What a handler can answer with; the type says the status.

template <class T>
struct Ok {
  T body;
  std::string etag{};  ///< with its quotes; honoured against If-None-Match
};

template <class T>
struct Created {
  T body;
  std::string location;
  std::string etag{};
};

/// Begun, its outcome not known yet: `location` tells later.
template <class T>
struct Accepted {
  T body;
  std::string location;
};

struct NoContent {};

/// How an answer becomes a response, and how it is documented: its status, what it means, its schema.
template <class Answer>
struct Respond;

namespace detail {

template <class T>
Response json_response(int status, T const& body) {
  return {status, "application/json", {}, json::encode(body)};
}

}  // namespace detail

template <class T>
struct Respond<Ok<T>> {
  static Response make(Ok<T> answer) {
    auto response = detail::json_response(200, answer.body);
    if (!answer.etag.empty()) response.header("ETag", std::move(answer.etag));
    return response;
  }
  static void document(json::Object& responses, json::Schemas& schemas) {
    responses["200"] = {{"description", "It is done."},
                        {"content", {{"application/json", {{"schema", json::Codec<T>::schema(schemas)}}}}}};
  }
};

template <class T>
struct Respond<Created<T>> {
  static Response make(Created<T> answer) {
    auto response = detail::json_response(201, answer.body);
    response.header("Location", std::move(answer.location));
    if (!answer.etag.empty()) response.header("ETag", std::move(answer.etag));
    return response;
  }
  static void document(json::Object& responses, json::Schemas& schemas) {
    responses["201"] = {{"description", "It was made; Location says where it is."},
                        {"content", {{"application/json", {{"schema", json::Codec<T>::schema(schemas)}}}}}};
  }
};

template <class T>
struct Respond<Accepted<T>> {
  static Response make(Accepted<T> answer) {
    auto response = detail::json_response(202, answer.body);
    response.header("Location", std::move(answer.location));
    return response;
  }
  static void document(json::Object& responses, json::Schemas& schemas) {
    responses["202"] = {{"description", "It is begun and its outcome is not known yet; Location will tell."},
                        {"content", {{"application/json", {{"schema", json::Codec<T>::schema(schemas)}}}}}};
  }
};

template <>
struct Respond<NoContent> {
  static Response make(NoContent) { return {204, {}, {}, {}}; }
  static void document(json::Object& responses, json::Schemas&) {
    responses["204"] = {{"description", "It is done; there is nothing to say."}};
  }
};

/// Two possible answers, such as Created or Accepted.
template <class First, class Second>
struct Respond<std::variant<First, Second>> {
  static Response make(std::variant<First, Second> answer) {
    return std::visit([]<class T>(T chosen) { return Respond<T>::make(std::move(chosen)); }, std::move(answer));
  }
  static void document(json::Object& responses, json::Schemas& schemas) {
    Respond<First>::document(responses, schemas);
    Respond<Second>::document(responses, schemas);
  }
};

/// A response made by hand, for what is no JSON.
template <>
struct Respond<Response> {
  static Response make(Response answer) { return answer; }
  static void document(json::Object& responses, json::Schemas&) { responses["200"] = {{"description", "It is done."}}; }
};

}  // namespace balcao::http
