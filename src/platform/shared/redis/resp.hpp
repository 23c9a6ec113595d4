#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// Redis's protocol, RESP 2 and 3, without any input or output of its own.
namespace balcao::shared::redis {

/// What a server sends: an answer, or a message that nobody asked for (`push`).
struct Reply {
  enum class Kind {
    null,
    text,     ///< also a double, a big number and verbatim text, as they are written
    error,    ///< `text` begins with a code in capitals
    integer,  ///< also a boolean: 0 or 1
    list,     ///< also a set, and a map as key, value, key, value
    push,
  };
  Kind kind = Kind::null;
  std::string text;
  std::int64_t integer = 0;
  std::vector<Reply> items;

  bool operator==(Reply const&) const = default;

  bool is_error() const { return kind == Kind::error; }
  /// The first word of an error. The rest is not for logs: it can repeat the command, and with it a password.
  std::string_view error_code() const { return std::string_view(text).substr(0, text.find(' ')); }
};

/// The bytes are not RESP, or more of it than is accepted. Nothing that follows them can be trusted.
class ProtocolError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct ReplyLimits {
  std::size_t bytes = 1024 * 1024;  ///< of one whole reply
  std::size_t items = 16 * 1024;    ///< in one whole reply, at any depth
  std::size_t depth = 8;
};

/// Makes replies of bytes, however they are cut.
class ReplyParser {
 public:
  explicit ReplyParser(ReplyLimits limits = {}) : limits_(limits) {}

  void feed(std::string_view bytes);
  /// The next reply that has come whole. Throws ProtocolError, and then at every call.
  std::optional<Reply> next();

 private:
  /// A list that is still being filled.
  struct Open {
    Reply reply;
    std::size_t missing;
    bool is_attribute;  ///< RESP 3 may send a map of remarks before a reply; nobody here reads them
  };
  /// A text whose length has come, but not all of its bytes.
  struct Bulk {
    Reply::Kind kind;
    std::size_t size;
    bool is_verbatim;
  };

  std::optional<std::string_view> take_line();
  std::optional<Reply> read_line(std::string_view line);
  std::optional<Reply> open_list(char type, std::string_view announced);
  std::optional<Reply> open_bulk(char type, std::string_view announced);
  std::optional<Reply> take_bulk();
  /// Puts an element where it belongs; gives it back when it is a whole reply.
  std::optional<Reply> place(Reply element);
  void spend(std::size_t bytes);
  [[noreturn]] void refuse(char const* why);

  ReplyLimits const limits_;
  std::string buffer_;
  std::size_t taken_ = 0;    ///< bytes of the buffer that are done with
  std::size_t scanned_ = 0;  ///< up to here there is no end of line: so that it is looked for once only
  std::optional<Bulk> bulk_;
  std::vector<Open> open_;
  std::size_t bytes_ = 0;  ///< of the reply under way, as its items
  std::size_t items_ = 0;
  bool broken_ = false;
};

/// One command as the server reads it.
std::string command(std::initializer_list<std::string_view> words);

}  // namespace balcao::shared::redis
