#pragma once

#include <array>
#include <functional>
#include <span>
#include <string>

#include "platform/http/extract.hpp"
#include "platform/http/respond.hpp"

namespace balcao::http {

/// A body of one of these media types that the endpoint reads while it comes in. Text is UTF-8.
template <Name... types>
struct BodyStream {
  std::string_view media_type;  ///< as it is written among `types`
  BodyReader* reader;           ///< null where no body was sent
};

/// A body of one of these media types that is made while it goes out; see Response::stream.
template <Name... types>
struct Streamed {
  std::string media_type;
  std::function<Task<>(BodyWriter&)> body;
  std::string file_name{};  ///< under which browsers keep it; empty: they show it
};

template <Name... types>
inline constexpr bool is_stream<BodyStream<types...>> = true;

namespace detail {

/// The one of `known` that Content-Type names. Reports 415.
std::optional<std::string_view> media_type_among(Exchange& exchange, std::span<std::string_view const> known);
json::Object stream_content(std::span<std::string_view const> types);

}  // namespace detail

template <Name... types>
struct Extract<BodyStream<types...>> {
  static std::optional<BodyStream<types...>> take(Exchange& exchange) {
    auto const type = detail::media_type_among(exchange, std::array{types.view()...});
    if (!type) return std::nullopt;
    return BodyStream<types...>{*type, exchange.request.body_reader};
  }
  static void document(Operation& operation) {
    operation.request_body = {{"required", true}, {"content", detail::stream_content(std::array{types.view()...})}};
  }
};

template <Name... types>
struct Respond<Streamed<types...>> {
  static Response make(Streamed<types...> answer) {
    Response response{200, std::move(answer.media_type), {}, {}};
    if (!answer.file_name.empty()) {
      response.header("Content-Disposition", "attachment; filename=\"" + answer.file_name + '"');
    }
    response.stream = std::move(answer.body);
    return response;
  }
  static void document(json::Object& responses, json::Schemas&) {
    responses["200"] = {{"description", "It is under way; the body ends when it is done."},
                        {"content", detail::stream_content(std::array{types.view()...})}};
  }
};

}  // namespace balcao::http
