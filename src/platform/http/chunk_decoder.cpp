#include "platform/http/chunk_decoder.hpp"

#include <algorithm>

#include "platform/http/field_syntax.hpp"

namespace balcao::http {
namespace {

constexpr std::size_t max_size_digits = 16;

/// -1 for what is no hexadecimal digit.
int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::size_t ChunkDecoder::feed(std::string_view bytes, std::string& body) {
  std::size_t taken = 0;
  while (taken < bytes.size() && fault_.empty() && !is_done()) {
    if (state_ == State::data) {
      auto const part = bytes.substr(taken, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
      body += part;
      taken += part.size();
      body_ += part.size();
      left_ -= part.size();
      if (left_ == 0) state_ = State::data_cr;
    } else if (++framing_ > limits_.framing + limits_.framing_per_byte * body_) {
      refuse("its chunks are mostly framing");
    } else if (step(bytes[taken])) {
      ++taken;
    }
  }
  return taken;
}

/// Takes one byte that is not body. False where it is refused.
bool ChunkDecoder::step(char c) {
  switch (state_) {
    case State::size_start:
    case State::size:
    case State::blanks:
    case State::extension:
    case State::size_end:
      return step_size(c);
    case State::data_cr:
      if (c != '\r') return refuse("a chunk is longer than its size");
      state_ = State::data_lf;
      return true;
    case State::data_lf:
      if (c != '\n') return refuse("a chunk is longer than its size");
      state_ = State::size_start;
      return true;
    default:
      return step_trailer(c);
  }
}

bool ChunkDecoder::step_size(char c) {
  if (state_ == State::size_end) return c == '\n' ? begin_data() : refuse("a chunk's line contains a bare CR");
  if (state_ == State::size_start) {
    line_ = 0;
    digits_ = 0;
    left_ = 0;
  }
  if (++line_ > limits_.line) return refuse("a chunk's extensions are too long");
  if (state_ == State::size_start || state_ == State::size) {
    if (int const value = hex_value(c); value >= 0) {
      if (++digits_ > max_size_digits) return refuse("a chunk's size is too long");
      left_ = left_ * 16 + static_cast<std::uint64_t>(value);
      state_ = State::size;
      return true;
    }
    if (state_ == State::size_start) return refuse("a chunk has no size");
  }
  if (c == '\r') {
    state_ = State::size_end;
  } else if (state_ == State::extension) {
    if (!is_text_character(c)) return refuse("a chunk's extension contains a control character");
  } else if (c == ';') {
    state_ = State::extension;
  } else if (is_blank(c)) {
    state_ = State::blanks;
  } else {
    return refuse("a chunk's size is no number");
  }
  return true;
}

bool ChunkDecoder::begin_data() {
  if (left_ > limits_.body - std::min(body_, limits_.body)) return refuse("its body is too long");
  line_ = 0;
  state_ = left_ == 0 ? State::trailer_start : State::data;
  return true;
}

bool ChunkDecoder::step_trailer(char c) {
  if (state_ == State::last_lf) {
    if (c != '\n') return refuse("the trailer contains a bare CR");
    state_ = State::done;
    return true;
  }
  if (state_ == State::trailer_start && c == '\r') {
    state_ = State::last_lf;
    return true;
  }
  if (++line_ > limits_.trailer) return refuse("its trailer is too long");
  switch (state_) {
    case State::trailer_start:
    case State::trailer_name:
      if (state_ == State::trailer_name && c == ':') {
        state_ = State::trailer_value;
      } else if (is_token_character(c)) {
        state_ = State::trailer_name;
      } else {
        return refuse("a trailer field is malformed");
      }
      return true;
    case State::trailer_value:
      if (c == '\r') {
        state_ = State::trailer_end;
      } else if (!is_text_character(c)) {
        return refuse("a trailer field contains a control character");
      }
      return true;
    default:
      if (c != '\n') return refuse("the trailer contains a bare CR");
      state_ = State::trailer_start;
      return true;
  }
}

bool ChunkDecoder::refuse(std::string_view why) {
  fault_ = why;
  return false;
}

}  // namespace balcao::http
