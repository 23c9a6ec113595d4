#include "platform/shared/redis/resp.hpp"

#include <charconv>
#include <utility>

namespace balcao::shared::redis {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t verbatim_prefix = 4;  ///< `txt:`

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int64_t value = 0;
  auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Reply make(Reply::Kind kind, std::string_view text = {}) {
  Reply reply;
  reply.kind = kind;
  reply.text = text;
  return reply;
}

Reply make(std::int64_t integer) {
  Reply reply;
  reply.kind = Reply::Kind::integer;
  reply.integer = integer;
  return reply;
}

}  // namespace

void ReplyParser::feed(std::string_view bytes) {
  buffer_.erase(0, taken_);
  scanned_ -= taken_;
  taken_ = 0;
  buffer_ += bytes;
}

std::optional<Reply> ReplyParser::next() {
  if (broken_) throw ProtocolError("the connection is no longer RESP");
  for (;;) {
    std::optional<Reply> element;
    if (bulk_) {
      element = take_bulk();
      if (!element) return std::nullopt;
    } else {
      auto const line = take_line();
      if (!line) return std::nullopt;
      element = read_line(*line);
    }
    if (!element) continue;  // the head of something: what it announces follows
    if (auto whole = place(std::move(*element))) return whole;
  }
}

std::optional<std::string_view> ReplyParser::take_line() {
  auto const end = buffer_.find('\n', scanned_);
  auto const length = (end == std::string::npos ? buffer_.size() : end) - taken_;
  if (length > limits_.bytes) refuse("a line is too long");
  if (end == std::string::npos) {
    scanned_ = buffer_.size();
    return std::nullopt;
  }
  auto const line = std::string_view(buffer_).substr(taken_, length);
  if (line.size() < 2 || line.find('\r') != line.size() - 1) refuse("a line does not end as it should");
  taken_ = scanned_ = end + 1;
  spend(line.size());
  if (++items_ > limits_.items) refuse("a reply has too many items");
  return line.substr(0, line.size() - 1);
}

std::optional<Reply> ReplyParser::read_line(std::string_view line) {
  char const type = line.front();
  auto const rest = line.substr(1);
  switch (type) {
    case '+':
    case ',':
    case '(':
      return make(Reply::Kind::text, rest);
    case '-':
      return make(Reply::Kind::error, rest);
    case ':': {
      auto const integer = parse_integer(rest);
      if (!integer) refuse("an integer is none");
      return make(*integer);
    }
    case '#':
      if (rest != "t" && rest != "f") refuse("a boolean is none");
      return make(rest == "t" ? 1 : 0);
    case '_':
      if (!rest.empty()) refuse("a null has a value");
      return make(Reply::Kind::null);
    case '$':
    case '!':
    case '=':
      return open_bulk(type, rest);
    case '*':
    case '~':
    case '%':
    case '>':
    case '|':
      return open_list(type, rest);
    default:
      refuse("an item is of no known type");
  }
}

std::optional<Reply> ReplyParser::open_bulk(char type, std::string_view announced) {
  auto const size = parse_integer(announced);
  if (size == -1 && type == '$') return make(Reply::Kind::null);  // RESP 2's way to say null
  if (!size || *size < 0) refuse("a length is none");
  bulk_ = Bulk{type == '!' ? Reply::Kind::error : Reply::Kind::text, static_cast<std::size_t>(*size), type == '='};
  spend(bulk_->size);
  return std::nullopt;
}

std::optional<Reply> ReplyParser::take_bulk() {
  if (buffer_.size() - taken_ < bulk_->size + line_end.size()) return std::nullopt;
  auto bytes = std::string_view(buffer_).substr(taken_, bulk_->size);
  if (std::string_view(buffer_).substr(taken_ + bulk_->size, line_end.size()) != line_end)
    refuse("a text does not end where it should");
  if (bulk_->is_verbatim) {
    if (bytes.size() < verbatim_prefix || bytes[verbatim_prefix - 1] != ':') refuse("a verbatim text has no format");
    bytes.remove_prefix(verbatim_prefix);
  }
  taken_ = scanned_ = taken_ + bulk_->size + line_end.size();
  return make(std::exchange(bulk_, std::nullopt)->kind, bytes);
}

std::optional<Reply> ReplyParser::open_list(char type, std::string_view announced) {
  auto const count = parse_integer(announced);
  if (count == -1 && type == '*') return make(Reply::Kind::null);
  if (!count || *count < 0) refuse("a length is none");
  if (static_cast<std::uint64_t>(*count) > limits_.items) refuse("a reply has too many items");
  if (type == '>' && !open_.empty()) refuse("a push inside a reply");

  auto list = make(type == '>' ? Reply::Kind::push : Reply::Kind::list);
  bool const is_attribute = type == '|';
  if (*count == 0) return is_attribute ? std::nullopt : std::optional(std::move(list));
  if (open_.size() == limits_.depth) refuse("a reply is nested too deeply");
  bool const in_pairs = is_attribute || type == '%';
  // No room is made for what is only announced: it is paid for as it comes.
  open_.push_back({std::move(list), static_cast<std::size_t>(*count) * (in_pairs ? 2 : 1), is_attribute});
  return std::nullopt;
}

std::optional<Reply> ReplyParser::place(Reply element) {
  while (!open_.empty()) {
    auto& list = open_.back();
    list.reply.items.push_back(std::move(element));
    if (--list.missing > 0) return std::nullopt;
    bool const is_attribute = list.is_attribute;
    element = std::move(list.reply);
    open_.pop_back();
    if (is_attribute) return std::nullopt;  // what it is a remark on takes its place
  }
  bytes_ = items_ = 0;
  return element;
}

void ReplyParser::spend(std::size_t bytes) {
  if (bytes > limits_.bytes - bytes_) refuse("a reply is too large");
  bytes_ += bytes;
}

void ReplyParser::refuse(char const* why) {
  broken_ = true;
  throw ProtocolError(why);
}

std::string command(std::initializer_list<std::string_view> words) {
  std::string bytes = "*" + std::to_string(words.size()) + "\r\n";
  for (auto const word : words) {
    bytes += '$';
    bytes += std::to_string(word.size());
    bytes += line_end;
    bytes += word;
    bytes += line_end;
  }
  return bytes;
}

}  // namespace balcao::shared::redis
