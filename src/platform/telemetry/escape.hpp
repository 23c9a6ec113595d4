#pragma once

#include <string>
#include <string_view>

namespace balcao::log {

/// Appends `text` as the inside of a JSON string. Beside what JSON demands, escaped is whatever could end or disguise a
/// line: control characters, line separators, marks that turn the direction of text. Invalid UTF-8 becomes U+FFFD.
void append_escaped(std::string& out, std::string_view text);

/// Whether `text` cannot stand bare in a `name=value` line.
bool needs_quotes(std::string_view text);

}  // namespace balcao::log
