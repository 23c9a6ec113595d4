#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "platform/http/extract.hpp"
#include "platform/http/respond.hpp"

/// How OAuth's endpoints speak (RFC 6749, and RFC 7009 and 7662 after it): forms in, JSON out, errors of their own
/// kind.
namespace balcao::http::oauth {

/// Why a request is refused (RFC 6749 §5.2): `error` is what programs compare, `description` is for their developers,
/// in ASCII.
struct Error {
  std::string_view error;
  std::string description;
};

Error invalid_request(std::string description);
/// 401 with a challenge; all others are 400.
Error invalid_client(std::string description);

template <class T>
using Answer = std::expected<T, Error>;

/// The parameters of the body: `T` is a described struct of optional texts. Parameters that are not known are ignored,
/// those without a value count as left out, and none may come twice (RFC 6749 §3.2).
template <class T>
struct Form {
  Answer<T> parameters;
};

/// The credentials of `Authorization: Basic …` (RFC 7617), as sent and undecoded.
struct Basic {
  std::optional<std::string> value;
};

/// 200 with nothing in it (RFC 7009 §2.2).
struct Done {};

/// How a client says who it is.
struct ClientCredentials {
  std::string id;
  std::string secret;
};

/// By HTTP Basic, form-urlencoded in it (RFC 6749 §2.3.1), or by `client_id` and `client_secret` of the body; invalid
/// where it is both, or broken, or nothing.
Answer<ClientCredentials> client_credentials(Basic const& basic, std::optional<std::string> const& client_id,
                                             std::optional<std::string> const& client_secret);

Answer<json::Object> read_parameters(Request const& request);
Response refuse(Error const& error);
void document_form(Operation& operation, json::Value schema);
void document_errors(json::Object& responses, json::Schemas& schemas);

}  // namespace balcao::http::oauth

namespace balcao::http {

template <class T>
struct Extract<oauth::Form<T>> {
  static std::optional<oauth::Form<T>> take(Exchange& exchange) {
    auto const read = oauth::read_parameters(exchange.request);
    if (!read) return oauth::Form<T>{std::unexpected(read.error())};
    json::Decoder decoder(json::Notation::text);
    decoder.ignore_unknown();
    return oauth::Form<T>{json::Codec<T>::decode(*read, json::Path(), decoder).value()};
  }
  static void document(Operation& operation) {
    json::Schemas own;
    json::Codec<T>::schema(own);
    oauth::document_form(operation, own.components.begin()->value());
  }
};

template <>
struct Extract<oauth::Basic> {
  static std::optional<oauth::Basic> take(Exchange& exchange);
  static void document(Operation&) {}
};

template <>
struct Respond<oauth::Done> {
  static Response make(oauth::Done) { return {200, {}, {}, {}}; }
  static void document(json::Object& responses, json::Schemas&) { responses["200"] = {{"description", "It is done."}}; }
};

/// No cache keeps it (RFC 6749 §5.1); the router sees to the success.
template <class T>
struct Respond<oauth::Answer<T>> {
  static Response make(oauth::Answer<T> answer) {
    auto response = answer ? Respond<T>::make(std::move(*answer)) : oauth::refuse(answer.error());
    response.header("Pragma", "no-cache");
    return response;
  }
  static void document(json::Object& responses, json::Schemas& schemas) {
    Respond<T>::document(responses, schemas);
    oauth::document_errors(responses, schemas);
  }
};

}  // namespace balcao::http
