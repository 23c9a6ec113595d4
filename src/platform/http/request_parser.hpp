#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/http/message.hpp"
#include "platform/http/trusted_proxies.hpp"

namespace balcao::http {

/// What a client may send, and who may speak for another. Sizes in bytes.
struct Limits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t target_bytes = 8 * 1024;
  std::size_t body_bytes = 1024 * 1024;               ///< the most; an endpoint may take less
  std::chrono::milliseconds header_deadline{10'000};  ///< from a request's first byte to the end of its header
  std::chrono::milliseconds body_deadline{
      30'000};  ///< from there to the end of its body; for the next piece of a stream
  std::chrono::milliseconds idle_deadline{75'000};   ///< between requests
  std::chrono::milliseconds write_deadline{30'000};  ///< for the client to take a response
  std::size_t connections = 16'384;                  ///< on one event loop
  std::size_t connections_per_address =
      1'024;  ///< or /64 network of IPv6, on one event loop; this machine's own and trusted proxies are exempt
  TrustedProxies trusted_proxies;  ///< whose X-Forwarded-For is believed
};

/// Reads HTTP/1.1 requests out of bytes: no I/O, so it can be tested byte by byte. Stricter than Beast, on which it
/// stands: what two parsers could read differently (RFC 9112 §11.2, request smuggling) is refused.
class RequestParser {
 public:
  explicit RequestParser(Limits const& limits);
  ~RequestParser();

  enum class State {
    header,
    header_read,  ///< there is a body: `take_body` has to say how it is taken, before anything of it is
    body,
    complete
  };

  /// Takes from the front of `bytes` what belongs to the current request, and gives how many bytes that was; the rest
  /// is for the next call, with more behind it. It stops behind the header of a request that has a body. A Problem:
  /// answer it and close the connection.
  std::size_t feed(std::string_view bytes);
  std::optional<Problem> const& fault() const { return fault_; }

  /// After the header: the body may have `max_bytes`, and no more than Limits::body_bytes; a longer one is the fault
  /// payload_too_large, at once where its length was announced.
  void take_body(std::size_t max_bytes);
  /// The same for a body that is taken while it comes in: each `feed` leaves a `piece`, and it has no limit.
  void stream_body();

  State state() const { return state_; }
  bool is_stream() const { return is_stream_; }
  /// What the last `feed` found of the body of a stream; lives until the next one.
  std::string_view piece() const { return body_; }
  /// How many bytes of the body are still to come, where that was announced; 0 otherwise.
  std::uint64_t announced() const;
  /// Bytes of memory that it holds.
  std::size_t held() const;
  /// The client waits for `100 Continue` before it sends the body; asked once the header is read.
  bool expects_continue() const;
  /// Whether the connection stays open after this request.
  bool keep_alive() const;
  /// Whether its client knows chunks (RFC 9112 §7.1).
  bool takes_chunks() const;

  /// The request, when the state is `complete`; its views live until `next`.
  Request& request() { return request_; }
  /// Makes the parser ready for the next request. Little memory is kept for it.
  void next();

 private:
  class Beast;

  std::size_t feed_header(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  std::optional<Problem> check_framing() const;
  void fail(Problem problem) { fault_.emplace(std::move(problem)); }

  Limits const& limits_;
  std::unique_ptr<Beast> beast_;
  State state_ = State::header;
  std::size_t scanned_ = 0;  ///< bytes of an unfinished header that are known to be well formed
  std::size_t max_body_ = 0;
  bool is_stream_ = false;
  std::string head_;
  std::string body_;
  Request request_;
  std::optional<Problem> fault_;
};

}  // namespace balcao::http
