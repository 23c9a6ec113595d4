#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "platform/http/guard.hpp"
#include "platform/http/message.hpp"
#include "platform/json/codec.hpp"

namespace balcao::http {

/// A text as a template argument.
template <std::size_t Size>
struct Name {
  char text[Size]{};
  consteval Name(char const (&literal)[Size]) { std::copy_n(literal, Size, text); }
  std::string_view view() const { return {text, Size - 1}; }
};

/// What a handler can take, each by value. The parameter's type says where it comes from and what it must be.

/// The body, as JSON or as a form (application/x-www-form-urlencoded).
template <class T>
struct Body {
  T value;
};

/// The body, or nothing where none was sent.
template <class T>
struct OptionalBody {
  std::optional<T> value;
};

/// The query string, as a described struct whose members are optional.
template <class T>
struct Query {
  T value;
};

/// A segment of the path: `{id}`. Text that is no T is as unknown as an id that does not exist: 404.
template <Name name, class T>
struct Path {
  T value;
};

/// A header field, if it was sent.
template <Name name>
struct Header {
  std::optional<std::string> value;
};

/// The token of `Authorization: Bearer …`, as sent and unchecked.
struct BearerToken {
  std::optional<std::string> value;
};

/// The client's address.
struct Peer {
  std::string address;
};

/// In which language the client wants its answer, and whose trace what is done for it belongs to.
struct Asker {
  Language language;
  Trace trace;
};

/// Refuses a document, or not.
using Screen = std::optional<Problem> (*)(json::Value const&);

/// The request as its endpoint sees it, and what is found wrong with it.
struct Exchange {
  Request const& request;
  std::vector<std::pair<std::string_view, std::string>> path_parameters;  ///< decoded
  std::optional<Caller> caller;
  std::vector<FieldFault> faults;  ///< → 422
  std::optional<Problem> problem;  ///< → at once
  /// Looks at what the client says, in the body or the query, before anything is made of it; may be null.
  Screen screen = nullptr;

  /// Notes a problem; the first one stays, so that an unknown path is 404 whatever the body is.
  void refuse(Problem found) {
    if (!problem) problem.emplace(std::move(found));
  }

  /// Whether what the client says may be looked at; otherwise the problem is noted.
  bool passes_screen(json::Value const& document);
};

/// One operation of the OpenAPI document while it is being written.
struct Operation {
  json::Schemas& schemas;
  json::Array parameters;
  json::Object request_body;
};

/// How a handler's parameter comes out of a request, and how it is documented. `take` gives nothing after it has
/// reported why to the exchange.
template <class Parameter>
struct Extract;

/// Whether it is read while it comes in; such an endpoint's path must have no parameter.
template <class Parameter>
inline constexpr bool is_stream = false;

/// What Content-Type says without its parameters.
std::string_view media_type(Request const& request);
/// Reads a body as a document, by its Content-Type. Reports 400 and 415.
std::optional<json::Value> read_body(Exchange& exchange, json::Notation& notation);
/// The same for a JSON Merge Patch (RFC 7396).
std::optional<json::Value> read_merge_patch(Exchange& exchange);
/// Reads `a=1&b=2`; nothing for broken percent-encoding, invalid UTF-8 or a name that comes twice.
std::optional<json::Object> read_form(std::string_view text);
/// Decodes %XX; nothing where it is broken or not UTF-8.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

void document_body(Operation& operation, json::Value schema);
void document_merge_patch(Operation& operation, json::Value schema);
void document_query(Operation& operation, json::Value const& schema);
void document_path(Operation& operation, std::string_view name, json::Value schema);
void document_header(Operation& operation, std::string_view name);

template <class T>
struct Extract<Body<T>> {
  static std::optional<Body<T>> take(Exchange& exchange) {
    json::Notation notation{};
    auto const document = read_body(exchange, notation);
    if (!document || !exchange.passes_screen(*document)) return std::nullopt;
    json::Decoder decoder(notation);
    auto value = json::Codec<T>::decode(*document, json::Path(), decoder);
    std::ranges::move(decoder.faults(), std::back_inserter(exchange.faults));
    return value ? std::optional<Body<T>>(Body<T>{std::move(*value)}) : std::nullopt;
  }
  static void document(Operation& operation) { document_body(operation, json::Codec<T>::schema(operation.schemas)); }
};

template <class T>
struct Extract<OptionalBody<T>> {
  static std::optional<OptionalBody<T>> take(Exchange& exchange) {
    if (exchange.request.body.empty()) return OptionalBody<T>{};
    auto body = Extract<Body<T>>::take(exchange);
    return body ? std::optional<OptionalBody<T>>(OptionalBody<T>{std::move(body->value)}) : std::nullopt;
  }
  static void document(Operation& operation) {
    Extract<Body<T>>::document(operation);
    operation.request_body["required"] = false;
  }
};

template <class T>
struct Extract<Query<T>> {
  static std::optional<Query<T>> take(Exchange& exchange) {
    auto form = read_form(exchange.request.query);
    if (!form) {
      exchange.refuse(
          Problem(problems::bad_request, {"The query string is malformed.", "A query string está malformada."}));
      return std::nullopt;
    }
    json::Value const document = std::move(*form);
    if (!exchange.passes_screen(document)) return std::nullopt;
    json::Decoder decoder(json::Notation::text);
    auto value = json::Codec<T>::decode(document, json::Path(), decoder);
    for (auto& fault : decoder.faults()) {
      fault.pointer.replace(0, 1, "?");
      exchange.faults.push_back(std::move(fault));
    }
    return value ? std::optional<Query<T>>(Query<T>{std::move(*value)}) : std::nullopt;
  }
  static void document(Operation& operation) {
    json::Schemas own;
    json::Codec<T>::schema(own);
    document_query(operation, own.components.begin()->value());
  }
};

template <Name name, class T>
struct Extract<Path<name, T>> {
  static std::optional<Path<name, T>> take(Exchange& exchange) {
    for (auto const& [parameter, text] : exchange.path_parameters) {
      if (parameter != name.view()) continue;
      if (auto value = T::parse(text)) return Path<name, T>{std::move(*value)};
    }
    exchange.refuse(Problem(problems::not_found));
    return std::nullopt;
  }
  static void document(Operation& operation) {
    document_path(operation, name.view(), json::Codec<T>::schema(operation.schemas));
  }
};

template <Name name>
struct Extract<Header<name>> {
  static std::optional<Header<name>> take(Exchange& exchange) {
    auto const value = exchange.request.header(name.view());
    return Header<name>{value ? std::optional<std::string>(*value) : std::nullopt};
  }
  static void document(Operation& operation) { document_header(operation, name.view()); }
};

template <>
struct Extract<Caller> {
  static std::optional<Caller> take(Exchange& exchange) { return exchange.caller; }
  static void document(Operation&) {}
};

template <>
struct Extract<Visitor> {
  static std::optional<Visitor> take(Exchange& exchange) { return Visitor{exchange.caller}; }
  static void document(Operation&) {}
};

template <>
struct Extract<BearerToken> {
  static std::optional<BearerToken> take(Exchange& exchange) {
    auto const token = exchange.request.bearer_token();
    return BearerToken{token ? std::optional<std::string>(*token) : std::nullopt};
  }
  static void document(Operation&) {}
};

template <>
struct Extract<Asker> {
  static std::optional<Asker> take(Exchange& exchange) {
    return Asker{exchange.request.language(), exchange.request.trace()};
  }
  static void document(Operation&) {}
};

template <>
struct Extract<Peer> {
  static std::optional<Peer> take(Exchange& exchange) { return Peer{std::string(exchange.request.peer)}; }
  static void document(Operation&) {}
};

}  // namespace balcao::http
