#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/problem.hpp"

namespace balcao::csv {

/// One record of a file, or why it is none.
struct Record {
  std::uint64_t line = 0;  ///< of the file, from 1, on which it begins
  std::vector<std::string> cells;
  std::optional<Text> fault;  ///< then there are no cells
};

/// Reads CSV (RFC 4180) out of bytes that come in pieces: no I/O, bounded memory. Lines end with CRLF or LF; a cell
/// with separators, quotes or line breaks in it stands in quotes, and a quote in such a cell is doubled. A byte order
/// mark and empty lines are passed over. A record that is malformed, longer than the limit or not UTF-8 is given with
/// its fault, and the next one begins after its line.
class Reader {
 public:
  /// `longest` is that of a record, in bytes.
  explicit Reader(std::size_t longest) : longest_(longest) {}

  /// Takes the next bytes of the file.
  void feed(std::string_view bytes);
  /// There are no more.
  void end() { ended_ = true; }

  /// The next record; nothing where it needs more bytes, or at the end.
  std::optional<Record> next();

  /// `,` until it is set.
  void separate_by(char separator) { separator_ = separator; }
  /// The separator that the first line is written with, `;` or `,`: the one that occurs more often outside of quotes.
  /// Nothing before the whole line is there.
  std::optional<char> guess_separator();

 private:
  enum class State { at_cell, in_cell, in_quotes, after_quote, skipping, skipping_quotes };

  bool begin();
  void take_run();
  bool take(char c);
  void take_into_cell(char c);
  void end_cell();
  void refuse(Text why, State state);
  void refuse_if_too_long();
  Record finish();

  std::size_t const longest_;
  char separator_ = ',';
  std::string bytes_;
  std::size_t position_ = 0;  ///< bytes of `bytes_` that have been taken
  bool ended_ = false;
  bool has_begun_ = false;  ///< a byte order mark has been looked for

  State state_ = State::at_cell;
  std::uint64_t line_ = 1;
  Record record_{1, {}, {}};
  std::string cell_;
  std::size_t size_ = 0;  ///< of the record so far
  bool was_quoted_ = false;
  bool is_too_long_ = false;
};

}  // namespace balcao::csv
