#pragma once

#include "platform/http/message.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::http {

/// Answers requests. It is called on the event loop of the request's connection, from several loops at once.
class Handler {
 public:
  virtual ~Handler() = default;

  /// An answer whose bytes are already there, or null: asked first, for what needs no waiting. The answer must live
  /// until this loop's next call.
  virtual StoredResponse const* answer_at_once(Request const&) { return nullptr; }

  /// Whether the request is handled while its body is still to come (Request::body_reader), however long that is. Asked
  /// of requests that may have one, before their header fields are known.
  virtual bool reads_stream(Method, std::string_view /*path*/) const { return false; }

  /// Any other answer. What it throws becomes a 500. The request lives until the task is done.
  virtual Task<Response> handle(Request const& request) = 0;

  /// The answer to what could not be read as a request: `problem` says why.
  virtual Response refuse(Problem const& problem, Request const& request) { return problem_response(problem, request); }
};

}  // namespace balcao::http
