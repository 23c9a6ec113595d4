#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "platform/http/chunk_decoder.hpp"
#include "platform/http/message.hpp"

namespace balcao::http {

/// How much a server may send in answer to one request. All together bounds the bytes that are read: at most
/// header_bytes + interim_bytes + chunks.framing + (1 + chunks.framing_per_byte) · body_bytes.
struct ResponseLimits {
  std::size_t header_bytes = 16UL * 1024;  ///< status line and fields of the answer
  std::size_t header_fields = 128;
  std::size_t interim_responses = 32;       ///< 1xx before the answer
  std::size_t interim_bytes = 16UL * 1024;  ///< of all of them
  std::size_t body_bytes = 8UL * 1024 * 1024;
  ChunkLimits chunks = {};  ///< whose `body` is `body_bytes`
};

struct ClientResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  /// It had been sent before, on a kept connection that ended without an answer: this one does not say whether the
  /// server acted on it then.
  bool sent_before = false;

  std::optional<std::string_view> header(std::string_view name) const;
};

/// Reads the answer to one request out of bytes (RFC 9112): no I/O, so it can be tested byte by byte. Interim responses
/// are read and dropped. What can be read in two ways (§6.3, response smuggling) is refused. The work is linear in the
/// bytes; what is kept besides the answer is at most one header.
class ResponseReader {
 public:
  ResponseReader(Method method, ResponseLimits const& limits);

  /// Takes from the front of `bytes` what belongs to the answer, and gives how many bytes that was: fewer than all only
  /// where the answer is complete or refused.
  std::size_t feed(std::string_view bytes);
  /// The connection has ended, in an orderly way: so does a body without a length. Anything else is cut off.
  void end();

  bool is_complete() const { return state_ == State::complete; }
  /// Why the answer is refused; empty while it is not.
  std::string_view fault() const { return fault_; }
  bool has_started() const { return started_; }
  /// Whether the complete answer leaves the connection fit for another request.
  bool can_reuse() const { return is_complete() && reusable_; }

  /// The answer, once it is complete.
  ClientResponse take() { return std::move(response_); }

 private:
  enum class State { header, body_of_length, body_in_chunks, body_until_end, complete, refused };

  std::size_t feed_header(std::string_view bytes);
  std::size_t feed_body(std::string_view bytes);
  void finish_header();
  void finish_interim(std::size_t size);
  bool read_status_line(std::string_view line);
  bool read_field(std::string_view line);
  void choose_body();
  bool refuse(std::string_view why);

  ResponseLimits const limits_;
  Method const method_;
  State state_ = State::header;
  std::string head_;
  std::size_t interim_responses_ = 0;
  std::size_t interim_bytes_ = 0;
  bool started_ = false;
  bool reusable_ = false;
  bool is_http_1_0_ = false;
  std::size_t left_ = 0;  ///< of a body of known length
  ChunkDecoder chunks_;
  ClientResponse response_;
  std::string_view fault_;
};

}  // namespace balcao::http
