#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "platform/http/extract.hpp"
#include "platform/http/guard.hpp"
#include "platform/http/respond.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::http {

/// What people read about an endpoint in the OpenAPI document.
struct About {
  std::string_view tag;  ///< the service
  std::string_view id;   ///< operationId
  std::string_view summary;
  std::vector<ProblemType const*> problems = {};  ///< its own; those that any endpoint can have are added
};

inline constexpr std::size_t small_body = 16 * 1024;
inline constexpr std::size_t large_body = 1024 * 1024;

/// One method on one path: declared once as types, from which parsing, validation, serialisation and documentation
/// come.
struct Endpoint {
  Method method;
  std::string_view path;  ///< a template: `/products/{id}`
  Access access;
  About about;
  std::function<Task<Response>(Exchange&)> answer;
  std::function<void(Operation&, json::Object& responses)> document;
  /// If set, asked first: an answer that is kept ready, or null. It must live until the loop's next call. Where the
  /// path has a parameter, it is asked for every target that begins as the template does.
  std::function<StoredResponse const*(Request const&)> answer_at_once = {};
  Screen screen = nullptr;    ///< of all that clients say to it
  bool reads_stream = false;  ///< it is called while the body is still to come
  /// Of a body, in bytes; nothing: large_body where it is known who sends it, small_body where anyone may.
  std::optional<std::size_t> max_body = {};

  std::size_t body_limit() const { return max_body.value_or(access.is_open() ? small_body : large_body); }
};

using Endpoints = std::vector<Endpoint>;

namespace detail {

/// The 422 or other refusal that the extraction found, if any.
std::optional<Problem> refusal(Exchange& exchange);

template <class Answer, class... Parameters, class Call>
Task<Response> take_and_call(Exchange& exchange, Call call) {
  // A braced list is evaluated from left to right: the path first, so that 404 goes before 422.
  std::tuple<std::optional<Parameters>...> taken{Extract<Parameters>::take(exchange)...};
  if (auto problem = refusal(exchange)) co_return problem_response(*problem, exchange.request);
  auto task = std::apply([&](auto&... parameter) { return call(std::move(*parameter)...); }, taken);
  co_return Respond<Answer>::make(co_await std::move(task));
}

template <class Answer, class... Parameters>
void document(Operation& operation, json::Object& responses) {
  (Extract<Parameters>::document(operation), ...);
  Respond<Answer>::document(responses, operation.schemas);
}

}  // namespace detail

/// Declares an endpoint that `function(service, parameters…)` answers; `service` must outlive it.
template <class Service, class Answer, class... Parameters>
Endpoint endpoint(Method method, std::string_view path, Access access, About about, Service& service,
                  Task<Answer> (*function)(Service&, Parameters...)) {
  return {method,
          path,
          access,
          std::move(about),
          [&service, function](Exchange& exchange) {
            return detail::take_and_call<Answer, Parameters...>(
                exchange,
                [&service, function](Parameters... parameters) { return function(service, std::move(parameters)...); });
          },
          &detail::document<Answer, Parameters...>,
          {},
          nullptr,
          (is_stream<Parameters> || ...)};
}

}  // namespace balcao::http
