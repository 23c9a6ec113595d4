#pragma once

#include <exception>
#include <string_view>

#include "platform/runtime/task.hpp"

namespace balcao::http {

/// The body of a request while it comes in: of any length, never whole in memory. To be used on the connection's loop,
/// until the response has been made.
class BodyReader {
 public:
  virtual ~BodyReader() = default;

  /// The next piece, some ten KiB at most, which lives until the next call; empty at the end. Waits for the client as
  /// long as something comes within Limits::body_deadline. Problems, after which nothing more is to be had: bad_request
  /// (the body is malformed, or breaks off), request_timeout, unavailable (the server shuts down, or has no memory).
  virtual Task<std::string_view> read() = 0;
};

/// The client went away, or took nothing for Limits::write_deadline.
class ClientGone : public std::exception {
 public:
  char const* what() const noexcept override { return "the client is gone"; }
};

/// The body of a response while it goes out. One call at a time. Throws ClientGone.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;

  /// Sends, and waits for a client that does not keep up.
  virtual Task<> write(std::string_view piece) = 0;

  /// The same without waiting: what the client does not take now is kept in memory up to a bound, then in an unlinked
  /// temporary file, up to another, and waits for the client only where that cannot be had or is full. For an answer
  /// that begins before the request has ended, to a client that may not read before it has sent all. Problems:
  /// request_timeout (nothing more can be kept, and the client took nothing for Limits::write_deadline); some KiB more
  /// may then be said, and the rest of the body is passed over.
  virtual Task<> enqueue(std::string_view piece) = 0;
};

}  // namespace balcao::http
