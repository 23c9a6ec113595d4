#include "platform/http/response_reader.hpp"

#include <algorithm>
#include <charconv>

#include "platform/http/field_syntax.hpp"

namespace balcao::http {
namespace {

constexpr std::string_view end_of_header = "\r\n\r\n";

/// Whether one of a list's members (RFC 9110 §5.6.1) is the token, in either case.
bool lists(std::string_view list, std::string_view token) {
  while (true) {
    auto const comma = list.find(',');
    if (equal_ignoring_case(trim_blanks(list.substr(0, comma)), token)) return true;
    if (comma == list.npos) return false;
    list.remove_prefix(comma + 1);
  }
}

/// What is not digits alone has no value.
std::optional<std::uint64_t> parse_length(std::string_view text) {
  std::uint64_t length = 0;
  auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return length;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

ChunkLimits chunk_limits(ResponseLimits const& limits) {
  auto chunks = limits.chunks;
  chunks.body = limits.body_bytes;
  return chunks;
}

}  // namespace

std::optional<std::string_view> ClientResponse::header(std::string_view name) const {
  for (auto const& [field, value] : headers) {
    if (equal_ignoring_case(field, name)) return value;
  }
  return std::nullopt;
}

ResponseReader::ResponseReader(Method method, ResponseLimits const& limits)
    : limits_(limits), method_(method), chunks_(chunk_limits(limits)) {}

std::size_t ResponseReader::feed(std::string_view bytes) {
  started_ = started_ || !bytes.empty();
  std::size_t taken = 0;
  while (taken < bytes.size() && state_ != State::complete && state_ != State::refused) {
    auto const rest = bytes.substr(taken);
    taken += state_ == State::header ? feed_header(rest) : feed_body(rest);
  }
  return taken;
}

void ResponseReader::end() {
  if (state_ == State::body_until_end) {
    state_ = State::complete;
  } else if (state_ != State::complete && state_ != State::refused) {
    refuse(started_ ? "the connection ended within it" : "the connection ended before it");
  }
}

std::size_t ResponseReader::feed_header(std::string_view bytes) {
  auto const before = head_.size();
  head_ += bytes.substr(0, limits_.header_bytes - before);
  // Something else than HTTP may never send what would end a header.
  constexpr std::string_view protocol = "HTTP/1.";
  if (!head_.starts_with(protocol.substr(0, head_.size()))) {
    refuse("it is not HTTP/1.1");
    return head_.size() - before;
  }
  auto const end = head_.find(end_of_header, before < 3 ? 0 : before - 3);
  for (auto lf = head_.find('\n', before); lf < end; lf = head_.find('\n', lf + 1)) {
    if (head_[lf - 1] == '\r') continue;
    refuse("a line of its header ends without CR");
    return head_.size() - before;
  }
  if (end == head_.npos) {
    auto const taken = head_.size() - before;
    if (head_.size() == limits_.header_bytes) refuse("its header is too long");
    return taken;
  }
  head_.resize(end + end_of_header.size());
  auto const taken = head_.size() - before;
  finish_header();
  return taken;
}

/// Reads the header, which is whole.
void ResponseReader::finish_header() {
  auto const size = head_.size();
  std::string_view rest(head_);
  rest.remove_suffix(2);  // the empty line
  bool is_first = true;
  while (!rest.empty()) {
    auto const end = rest.find("\r\n");
    auto const line = rest.substr(0, end);
    if (is_first ? !read_status_line(line) : !read_field(line)) return;
    is_first = false;
    rest.remove_prefix(end + 2);
  }
  head_.clear();
  if (response_.status < 200) return finish_interim(size);
  choose_body();
}

void ResponseReader::finish_interim(std::size_t size) {
  if (response_.status == 101) {
    refuse("it switches to a protocol that was not asked for");
    return;
  }
  interim_bytes_ += size;
  if (++interim_responses_ > limits_.interim_responses || interim_bytes_ > limits_.interim_bytes) {
    refuse("too many interim responses come before it");
    return;
  }
  response_ = {};
}

/// RFC 9112 §4. The blank before an empty reason is often missing.
bool ResponseReader::read_status_line(std::string_view line) {
  constexpr std::size_t version_end = std::string_view("HTTP/1.1").size();
  constexpr std::size_t code_end = version_end + 4;
  bool const known_version = line.starts_with("HTTP/1.1 ") || line.starts_with("HTTP/1.0 ");
  if (!known_version || line.size() < code_end || (line.size() > code_end && line[code_end] != ' ')) {
    return refuse("its status line is malformed");
  }
  auto const code = line.substr(version_end + 1, 3);
  if (!std::ranges::all_of(code, is_digit) || code.front() == '0' ||
      !std::ranges::all_of(line.substr(code_end), is_text_character)) {
    return refuse("its status line is malformed");
  }
  is_http_1_0_ = line[version_end - 1] == '0';
  response_.status = (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0');
  return true;
}

/// RFC 9112 §5. A folded line begins with a blank, which is no name.
bool ResponseReader::read_field(std::string_view line) {
  auto const colon = line.find(':');
  if (colon == line.npos || colon == 0) return refuse("a field of its header is malformed");
  auto const name = line.substr(0, colon);
  auto const value = trim_blanks(line.substr(colon + 1));
  if (!std::ranges::all_of(name, is_token_character) || !std::ranges::all_of(value, is_text_character)) {
    return refuse("a field of its header is malformed");
  }
  if (response_.headers.size() == limits_.header_fields) return refuse("its header has too many fields");
  response_.headers.emplace_back(name, value);
  return true;
}

/// How the body ends (RFC 9112 §6.3).
void ResponseReader::choose_body() {
  int lengths = 0;
  int encodings = 0;
  bool closes = is_http_1_0_;
  std::string_view length_text;
  std::string_view encoding;
  for (auto const& [name, value] : response_.headers) {
    if (equal_ignoring_case(name, "Content-Length")) {
      ++lengths;
      length_text = value;
    } else if (equal_ignoring_case(name, "Transfer-Encoding")) {
      ++encodings;
      encoding = value;
    } else if (equal_ignoring_case(name, "Connection")) {
      closes = closes || lists(value, "close");
    }
  }
  if (lengths + encodings > 1) {
    refuse("the length of its body is given more than once");
    return;
  }
  if (encodings == 1 && (is_http_1_0_ || !equal_ignoring_case(encoding, "chunked"))) {
    refuse("its transfer encoding is not chunked alone");
    return;
  }
  auto const length = lengths == 1 ? parse_length(length_text) : std::nullopt;
  if (lengths == 1 && !length) {
    refuse("its Content-Length is no number");
    return;
  }

  reusable_ = !closes;
  if (response_.status == 204 && (encodings == 1 || length.value_or(0) != 0))
    reusable_ = false;  // one that must not be
  if (method_ == Method::head || response_.status == 204 || response_.status == 304) {
    state_ = State::complete;
  } else if (encodings == 1) {
    state_ = State::body_in_chunks;
  } else if (!length) {
    reusable_ = false;
    state_ = State::body_until_end;
  } else if (*length > limits_.body_bytes) {
    refuse("its body is too long");
  } else {
    left_ = static_cast<std::size_t>(*length);
    state_ = left_ == 0 ? State::complete : State::body_of_length;
  }
}

std::size_t ResponseReader::feed_body(std::string_view bytes) {
  auto& body = response_.body;
  if (state_ == State::body_in_chunks) {
    auto const taken = chunks_.feed(bytes, body);
    if (!chunks_.fault().empty()) refuse(chunks_.fault());
    if (chunks_.is_done()) state_ = State::complete;
    return taken;
  }
  if (state_ == State::body_of_length) {
    auto const part = bytes.substr(0, left_);
    body += part;
    left_ -= part.size();
    if (left_ == 0) state_ = State::complete;
    return part.size();
  }
  auto const part = bytes.substr(0, limits_.body_bytes - body.size());
  body += part;
  if (part.size() < bytes.size()) refuse("its body is too long");
  return part.size();
}

bool ResponseReader::refuse(std::string_view why) {
  state_ = State::refused;
  reusable_ = false;
  fault_ = why;
  return false;
}

}  // namespace balcao::http
