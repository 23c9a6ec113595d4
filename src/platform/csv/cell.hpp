#pragma once

#include <string>
#include <string_view>

namespace balcao::csv {

/// Appends a text as a cell (RFC 4180), in quotes where it needs them.
///
/// A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, tab or a line break for a formula, which may do harm
/// to whoever opens the file. Such a text gets an apostrophe before it, and so does one that begins with apostrophes
/// and then one of these; `plain_text` takes it away again, so that every text comes back as it was.
void append_cell(std::string_view text, std::string& out);

/// The text that `append_cell` has written, or one that never needed an apostrophe.
std::string_view plain_text(std::string_view cell);

}  // namespace balcao::csv
