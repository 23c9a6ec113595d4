#include "platform/csv/reader.hpp"

#include <algorithm>
#include <utility>

#include "platform/json/parse.hpp"

namespace balcao::csv {

void Reader::feed(std::string_view bytes) {
  bytes_.erase(0, std::exchange(position_, 0));
  bytes_ += bytes;
}

/// Passes over a byte order mark; false while it cannot be told whether there is one.
bool Reader::begin() {
  constexpr std::string_view mark = "\xef\xbb\xbf";
  if (has_begun_) return true;
  if (bytes_.size() < mark.size() && !ended_) return false;
  if (bytes_.starts_with(mark)) position_ = mark.size();
  return has_begun_ = true;
}

std::optional<char> Reader::guess_separator() {
  if (!begin()) return std::nullopt;
  auto const line = std::string_view(bytes_).substr(position_, bytes_.find('\n', position_) - position_);
  bool const is_whole = position_ + line.size() < bytes_.size() || ended_ || line.size() > longest_;
  if (!is_whole) return std::nullopt;
  std::ptrdiff_t balance = 0;
  for (bool in_quotes = false; char const c : line) {
    if (c == '"') in_quotes = !in_quotes;
    if (!in_quotes && c == ';') ++balance;
    if (!in_quotes && c == ',') --balance;
  }
  return balance > 0 ? ';' : ',';
}

std::optional<Record> Reader::next() {
  if (!begin()) return std::nullopt;
  while (position_ < bytes_.size()) {
    take_run();
    if (position_ == bytes_.size()) break;
    char c = bytes_[position_];
    bool const in_quotes = state_ == State::in_quotes || state_ == State::skipping_quotes;
    if (c == '\r' && !in_quotes) {
      bool const is_last = position_ + 1 == bytes_.size();
      if (is_last && !ended_) return std::nullopt;  // what follows decides
      if (is_last || bytes_[position_ + 1] == '\n') {
        c = '\n';
        if (!is_last) ++position_;
      }
    }
    ++position_;
    if (!take(c)) continue;
    auto record = finish();
    if (record.fault || !record.cells.empty()) return record;
  }
  bool const is_open = state_ != State::at_cell || !record_.cells.empty() || was_quoted_;
  if (!ended_ || !is_open) return std::nullopt;
  if (state_ == State::in_quotes) {
    refuse({"A cell's quote is not closed before the end of the file.",
            "As aspas de uma célula não fecham até o fim do arquivo."},
           State::skipping);
  } else if (!record_.fault) {
    end_cell();
  }
  auto record = finish();
  return record.fault || !record.cells.empty() ? std::optional(std::move(record)) : std::nullopt;
}

/// Takes what means nothing but itself at once: most of a file.
void Reader::take_run() {
  auto const rest = std::string_view(bytes_).substr(position_);
  auto size = rest.size();
  if (state_ == State::in_cell) {
    auto const means_more = [separator = separator_](char c) {
      return c == separator || c == '"' || c == '\n' || c == '\r';
    };
    size = static_cast<std::size_t>(std::ranges::find_if(rest, means_more) - rest.begin());
  } else if (state_ == State::in_quotes) {
    size = std::min(size, rest.find('"'));
  } else {
    return;
  }
  auto const run = rest.substr(0, size);
  cell_ += run;
  size_ += size;
  position_ += size;
  line_ += static_cast<std::uint64_t>(std::ranges::count(run, '\n'));
  refuse_if_too_long();
}

/// True where `c` ends the record.
bool Reader::take(char c) {
  if (c == '\n') ++line_;
  switch (state_) {
    case State::in_quotes:  // a quote, since a run has taken all before it
      state_ = State::after_quote;
      return false;
    case State::skipping_quotes:
      if (c == '"') state_ = State::skipping;
      return false;
    case State::skipping:
      if (c == '"' && is_too_long_) state_ = State::skipping_quotes;
      return c == '\n';
    case State::at_cell:
      if (c != '"') break;
      was_quoted_ = true;
      state_ = State::in_quotes;
      return false;
    case State::after_quote:
      if (c != '"') break;
      cell_ += c;
      state_ = State::in_quotes;
      return false;
    case State::in_cell:
      break;
  }
  if (c == '\n') {
    end_cell();
    return true;
  }
  if (c == separator_) {
    end_cell();
    ++size_;
    refuse_if_too_long();
  } else {
    take_into_cell(c);
  }
  return false;
}

void Reader::take_into_cell(char c) {
  if (state_ == State::after_quote) {
    refuse({"Something follows a cell's closing quote.", "Há algo depois das aspas que fecham uma célula."},
           State::skipping);
  } else if (c == '"') {
    refuse({"There is a quote in a cell that does not begin with one.",
            "Há aspas em uma célula que não começa com aspas."},
           State::skipping);
  } else if (c == '\r') {
    refuse({"There is a CR without LF outside of quotes.", "Há um CR sem LF fora das aspas."}, State::skipping);
  } else {
    cell_ += c;
    ++size_;
    state_ = State::in_cell;
    refuse_if_too_long();
  }
}

void Reader::end_cell() {
  record_.cells.push_back(std::exchange(cell_, {}));
  state_ = State::at_cell;
}

void Reader::refuse(Text why, State state) {
  record_.fault = std::move(why);
  record_.cells = {};
  cell_ = {};
  state_ = state;
}

void Reader::refuse_if_too_long() {
  if (size_ <= longest_ || is_too_long_) return;
  is_too_long_ = true;
  auto const limit = std::to_string(longest_);
  refuse({"The record is longer than " + limit + " bytes.", "O registro passa de " + limit + " bytes."},
         state_ == State::in_quotes ? State::skipping_quotes : State::skipping);
}

/// Gives the record and makes ready for the next one; an empty line is one without cells.
Record Reader::finish() {
  bool const is_blank = record_.cells.size() == 1 && record_.cells.front().empty() && !was_quoted_;
  if (is_blank) record_.cells.clear();
  if (!std::ranges::all_of(record_.cells, json::is_utf8)) {
    refuse({"The text is not UTF-8.", "O texto não está em UTF-8."}, State::skipping);
  }
  state_ = State::at_cell;
  size_ = 0;
  was_quoted_ = is_too_long_ = false;
  return std::exchange(record_, Record{line_, {}, {}});
}

}  // namespace balcao::csv
