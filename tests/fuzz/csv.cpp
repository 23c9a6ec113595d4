// A file of CSV is read the same whatever the pieces are that it comes in, and what was read is written so that it
// comes back.
#include <cstdint>
#include <cstdlib>

#include "platform/csv/cell.hpp"
#include "platform/csv/reader.hpp"

namespace csv = balcao::csv;

namespace {

constexpr std::size_t longest = 200;

std::vector<csv::Record> read(std::string_view file, std::size_t piece) {
  csv::Reader reader(longest);
  std::vector<csv::Record> records;
  auto const take = [&] {
    while (auto record = reader.next()) records.push_back(std::move(*record));
  };
  for (; !file.empty(); file.remove_prefix(std::min(piece, file.size()))) {
    reader.feed(file.substr(0, piece));
    take();
  }
  reader.end();
  take();
  return records;
}

void write_and_read(std::vector<std::string> const& cells) {
  std::string file = "head\n";  // else a byte order mark in the first cell would be taken for the file's
  auto const head = file.size();
  for (bool first = true; auto const& cell : cells) {
    if (!std::exchange(first, false)) file += ',';
    csv::append_cell(cell, file);
  }
  if (file.size() > longest || file.size() == head) return;
  auto const records = read(file, file.size());
  if (records.size() != 2 || records.back().cells.size() != cells.size()) std::abort();
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (csv::plain_text(records.back().cells[i]) != cells[i]) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const file(reinterpret_cast<char const*>(data), size);
  auto const whole = read(file, size + 1);
  for (std::size_t const piece : {1, 2, 7}) {
    auto const again = read(file, piece);
    if (again.size() != whole.size()) std::abort();
    for (std::size_t i = 0; i < whole.size(); ++i) {
      if (again[i].line != whole[i].line || again[i].cells != whole[i].cells) std::abort();
      if (again[i].fault.has_value() != whole[i].fault.has_value()) std::abort();
    }
  }
  for (auto const& record : whole) {
    if (!record.fault) write_and_read(record.cells);
  }
  return 0;
}
