#pragma once

#include <expected>
#include <limits>

#include "platform/http/message.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::http {

/// How a request's body is to be taken.
struct BodyPolicy {
  std::size_t max_bytes = std::numeric_limits<std::size_t>::max();  ///< Limits::body_bytes at most; none for a stream
  bool as_stream = false;  ///< handled while it is still to come (Request::body_reader), however long it is
};

/// Answers requests. It is called on the event loop of the request's connection, from several loops at once.
class Handler {
 public:
  virtual ~Handler() = default;

  /// An answer whose bytes are already there, or null: asked first, for what needs no waiting. The answer must live
  /// until this loop's next call.
  virtual StoredResponse const* answer_at_once(Request const&) { return nullptr; }

  /// Looks at the head of a request whose body is still to come, before any of it is asked for or read: how it is to be
  /// taken, or the answer without it, after which the connection closes. It may leave an admission in the request.
  virtual Task<std::expected<BodyPolicy, Response>> expect(Request& /*head*/) { co_return BodyPolicy{}; }

  /// Any other answer. What it throws becomes a 500. The request lives until the task is done.
  virtual Task<Response> handle(Request const& request) = 0;

  /// The answer to what could not be read as a request: `problem` says why.
  virtual Response refuse(Problem const& problem, Request const& request) { return problem_response(problem, request); }
};

}  // namespace balcao::http
