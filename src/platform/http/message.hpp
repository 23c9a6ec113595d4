#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/http/stream.hpp"
#include "platform/problem.hpp"

namespace balcao::http {

enum class Method { get, head, post, put, patch, del, options, other };

std::string_view to_string(Method method);
Method parse_method(std::string_view name);

/// Whether two header field names, or other ASCII tokens, are the same in either case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

/// The identity of a request in logs and traces: the trace id of `traceparent` (W3C Trace Context) or a new one, and
/// the client's `X-Request-Id` or the trace id.
struct Trace {
  std::string trace_id;
  std::string request_id;
};

/// What a handler found out from a request's head, for its answer.
struct Admission {
  virtual ~Admission() = default;
};

/// One request. Its views point into the connection's buffers, which live until the response has been made.
struct Request {
  Method method = Method::other;
  std::string_view method_name;
  std::string_view target;  ///< as sent: path and query
  std::string_view path;    ///< percent-encoding as sent
  std::string_view query;   ///< what follows `?`
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  std::string_view body;
  BodyReader* body_reader = nullptr;           ///< where the endpoint reads the body as it comes in
  std::string_view peer;                       ///< the client's address, without port
  std::shared_ptr<Admission const> admission;  ///< left by Handler::expect for Handler::handle

  /// The first field of this name, in any case; nothing if there is none.
  std::optional<std::string_view> header(std::string_view name) const;

  /// The language that `Accept-Language` (RFC 9110 §12.5.4) puts first among those that we speak.
  Language language() const;

  /// Read or made at the first call.
  Trace const& trace() const;

  /// The `Bearer` credentials of `Authorization` (RFC 6750 §2.1).
  std::optional<std::string_view> bearer_token() const;

  /// Makes it ready for the connection's next request.
  void reset();

 private:
  mutable std::optional<Trace> trace_;
};

/// One response. The server adds Content-Length, Date, Connection and X-Request-Id.
struct Response {
  int status = 200;
  std::string content_type;  ///< none: no Content-Type
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool cut_off = false;  ///< nothing is sent, the connection just ends: a fault that the sandbox plays
  /// If set, it makes the body while that goes out, in chunks; it is called once, while the request lives. What it
  /// throws cuts the body short, which the client sees.
  std::function<Task<>(BodyWriter&)> stream = {};

  void header(std::string name, std::string value) { headers.emplace_back(std::move(name), std::move(value)); }
};

/// A whole answer whose bytes are kept: status line and fixed headers, and the body.
struct StoredResponse {
  std::string head;
  std::string body;
  std::string etag;               ///< with its quotes; none: no conditional requests
  std::string not_modified_head;  ///< of the 304 that stands for it
};

/// Makes the kept form of a response; its ETag field, if it has one, is honoured against If-None-Match.
StoredResponse store(Response response);

/// Appends the status line and the response's own header fields, Content-Length among them where it is known.
void append_head(Response const& response, std::string& out);

std::string_view reason_phrase(int status);

/// The answer to a request that failed: application/problem+json (RFC 9457) in the client's language.
Response problem_response(Problem const& problem, Request const& request);

/// Whether an entity tag is among those of `If-None-Match` (weak comparison, RFC 9110 §13.1.2).
bool matches_etag(std::string_view if_none_match, std::string_view etag);
/// Whether an entity tag is among those of `If-Match` (strong comparison, RFC 9110 §13.1.1: a weak tag is nobody's).
bool matches_strongly(std::string_view if_match, std::string_view etag);

}  // namespace balcao::http
