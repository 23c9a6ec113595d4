#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace balcao::http {

/// Bounds in bytes for a chunked body.
struct ChunkLimits {
  std::size_t body = 8UL * 1024 * 1024;  ///< of the decoded body
  std::size_t line = 4UL * 1024;         ///< of one chunk's size and extensions
  std::size_t trailer = 8UL * 1024;      ///< of all trailer fields
  std::size_t framing = 64UL * 1024;     ///< of all that is not body, beside `framing_per_byte` for each byte of body
  std::size_t framing_per_byte = 8;      ///< lets even a body of chunks of one byte through
};

/// Decodes `Transfer-Encoding: chunked` (RFC 9112 §7.1): no I/O, and nothing is buffered, so the work is linear in the
/// bytes and the memory is that of the body. Extensions and trailer fields are checked and dropped.
class ChunkDecoder {
 public:
  explicit ChunkDecoder(ChunkLimits const& limits) : limits_(limits) {}

  /// Appends to `body` what `bytes` hold of it, and gives how many bytes belonged to the chunks: fewer than all only
  /// once it is done or has a fault.
  std::size_t feed(std::string_view bytes, std::string& body);

  bool is_done() const { return state_ == State::done; }
  /// Why the bytes are refused; empty while they are not.
  std::string_view fault() const { return fault_; }

 private:
  enum class State {
    size_start,
    size,
    blanks,  ///< behind the size, before an extension or the line's end
    extension,
    size_end,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_name,
    trailer_value,
    trailer_end,
    last_lf,
    done
  };

  bool step(char c);
  bool step_size(char c);
  bool step_trailer(char c);
  bool refuse(std::string_view why);
  bool begin_data();

  ChunkLimits limits_;
  State state_ = State::size_start;
  std::uint64_t left_ = 0;  ///< of the chunk; while its size is read, the size so far
  std::size_t digits_ = 0;
  std::size_t line_ = 0;  ///< bytes of the size line, or of the trailer
  std::size_t framing_ = 0;
  std::size_t body_ = 0;
  std::string_view fault_;
};

}  // namespace balcao::http
