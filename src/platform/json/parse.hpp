#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "platform/json/value.hpp"
#include "platform/problem.hpp"

namespace balcao::json {

/// Why a text is not JSON that we take.
struct ParseFault {
  /// A duplicate member is grammatical, but two readers could take it differently (RFC 8259 §4).
  enum class Kind { not_json, duplicate_member };

  Kind kind;
  std::size_t offset;  ///< the byte where reading stopped
  Text reason;
};

/// Reads one JSON text (RFC 8259). Refused beside what the grammar refuses: nesting deeper than 64, invalid UTF-8, an
/// object with the same member twice. Never throws for what the text contains.
std::expected<Value, ParseFault> parse(std::string_view text);

/// Whether every byte of `text` belongs to well-formed UTF-8.
bool is_utf8(std::string_view text);

/// The text of a document, on one line.
std::string to_text(Value const& value);

}  // namespace balcao::json
