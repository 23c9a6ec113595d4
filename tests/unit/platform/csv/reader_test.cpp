#include "platform/csv/reader.hpp"

#include <gtest/gtest.h>

#include <random>

#include "platform/csv/cell.hpp"

namespace balcao::csv {
namespace {

using Cells = std::vector<std::string>;

/// The records of a file that comes in pieces of this size.
std::vector<Record> read(std::string_view file, std::size_t piece = 1, std::size_t longest = 1000,
                         std::optional<char> separator = ',') {
  Reader reader(longest);
  if (separator) reader.separate_by(*separator);
  std::vector<Record> records;
  auto const take = [&] {
    while (auto record = reader.next()) records.push_back(std::move(*record));
  };
  while (!file.empty()) {
    reader.feed(file.substr(0, piece));
    file.remove_prefix(std::min(piece, file.size()));
    take();
  }
  reader.end();
  take();
  return records;
}

std::vector<Cells> cells(std::string_view file, std::size_t piece = 1) {
  std::vector<Cells> all;
  for (auto& record : read(file, piece)) {
    EXPECT_FALSE(record.fault) << record.fault->en;
    all.push_back(std::move(record.cells));
  }
  return all;
}

std::string fault(std::string_view record) {
  auto const records = read(std::string(record) + "\nnext,one\n");
  return records.empty() || !records.front().fault ? "" : records.front().fault->en;
}

TEST(CsvReader, ReadsWhatRfc4180Shows) {
  std::vector<Cells> const two{{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}};
  for (std::string_view const file : {"aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n", "aaa,bbb,ccc\r\nzzz,yyy,xxx",
                                      "aaa,bbb,ccc\nzzz,yyy,xxx\n", "\"aaa\",\"bbb\",\"ccc\"\r\nzzz,yyy,xxx"}) {
    for (std::size_t const piece : {1, 2, 3, 1000}) EXPECT_EQ(cells(file, piece), two) << file;
  }
  EXPECT_EQ(cells("\"aaa\",\"b\r\nbb\",\"ccc\"\r\n"), (std::vector<Cells>{{"aaa", "b\r\nbb", "ccc"}}));
  EXPECT_EQ(cells("\"aaa\",\"b\"\"bb\",\"ccc\""), (std::vector<Cells>{{"aaa", "b\"bb", "ccc"}}));
}

TEST(CsvReader, ReadsCellsThatAreEmpty) {
  EXPECT_EQ(cells(",\n"), (std::vector<Cells>{{"", ""}}));
  EXPECT_EQ(cells("a,"), (std::vector<Cells>{{"a", ""}}));
  EXPECT_EQ(cells("\"\"\n"), (std::vector<Cells>{{""}}));
  EXPECT_EQ(cells("\"\""), (std::vector<Cells>{{""}}));
  EXPECT_EQ(cells("\"\",\"\"\r"), (std::vector<Cells>{{"", ""}}));
}

TEST(CsvReader, PassesOverEmptyLinesAndAByteOrderMark) {
  EXPECT_EQ(cells("\xef\xbb\xbf\r\n\na,b\n\r\n\nc,d\n\n"), (std::vector<Cells>{{"a", "b"}, {"c", "d"}}));
  EXPECT_TRUE(cells("").empty());
  EXPECT_TRUE(cells("\xef\xbb\xbf").empty());
}

TEST(CsvReader, KnowsTheLineOnWhichARecordBegins) {
  auto const records = read("a\n\n\"b\nb\"\nc\n");
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].line, 1U);
  EXPECT_EQ(records[1].line, 3U);
  EXPECT_EQ(records[2].line, 5U);
}

TEST(CsvReader, TellsWhatIsMalformedAndGoesOnWithTheNextLine) {
  EXPECT_NE(fault("a,b\"c"), "");
  EXPECT_NE(fault("a,\"b\"c"), "");
  EXPECT_NE(fault("a,b\rc"), "");
  EXPECT_NE(fault("a,\xff"), "");
  for (std::string_view const bad : {"a,b\"c\"", "a,\"b\"c", "a\rb", "\xff", "\xed\xa0\x80"}) {
    auto const records = read(std::string(bad) + "\r\nnext,one\r\n");
    ASSERT_EQ(records.size(), 2U) << bad;
    EXPECT_TRUE(records[0].fault);
    EXPECT_EQ(records[1].cells, (Cells{"next", "one"}));
    EXPECT_EQ(records[1].line, 2U);
  }
}

TEST(CsvReader, AQuoteThatIsNeverClosedIsOneBadRecord) {
  auto const records = read("a,b\nc,\"d\ne,f\n");
  ASSERT_EQ(records.size(), 2U);
  EXPECT_TRUE(records[1].fault);
  EXPECT_EQ(records[1].line, 2U);
}

TEST(CsvReader, ARecordThatIsTooLongIsPassedOverWhole) {
  std::string const longest(2000, 'x');
  for (auto const& bad : {longest, "\"" + longest + "\"", "\"" + longest + "\nnot,a row\"\"\nnor,this\",\"a\nb\"",
                          "a," + longest + ",\"b\nc\"", std::string(2000, ',')}) {
    for (std::size_t const piece : {1, 100, 10'000}) {
      auto const records = read("a,b\n" + bad + "\nnext,one\n", piece);
      ASSERT_EQ(records.size(), 3U);
      EXPECT_TRUE(records[1].fault);
      EXPECT_EQ(records[2].cells, (Cells{"next", "one"}));
    }
  }
}

TEST(CsvReader, TellsTheSeparatorByTheFirstLine) {
  auto const guess = [](std::string_view file, bool ended = true) {
    Reader reader(1000);
    reader.feed(file);
    if (ended) reader.end();
    return reader.guess_separator();
  };
  EXPECT_EQ(guess("name;price\n"), ';');
  EXPECT_EQ(guess("name,price\n"), ',');
  EXPECT_EQ(guess("\xef\xbb\xbfname;price"), ';');
  EXPECT_EQ(guess("\"a,b,c\";d\n"), ';');
  EXPECT_EQ(guess("name\n"), ',');
  EXPECT_EQ(guess("name;pri", false), std::nullopt);
}

TEST(CsvCell, IsQuotedWhereItNeedsIt) {
  auto const cell = [](std::string_view text) {
    std::string out;
    append_cell(text, out);
    return out;
  };
  EXPECT_EQ(cell("plain"), "plain");
  EXPECT_EQ(cell("a,b"), "\"a,b\"");
  EXPECT_EQ(cell("a;b"), "\"a;b\"");
  EXPECT_EQ(cell("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(cell("=1+1"), "\"'=1+1\"");
  EXPECT_EQ(cell("-1"), "\"'-1\"");
  EXPECT_EQ(cell("'tis"), "'tis");
  EXPECT_EQ(cell("''=1"), "\"'''=1\"");
}

TEST(CsvCell, EveryTextComesBack) {
  std::mt19937 random(20261128);
  std::string const alphabet = "'\"=+-@\t\r\n,;ab ";
  for (int round = 0; round < 20'000; ++round) {
    Cells texts(1 + random() % 4);
    std::string file;
    for (bool first = true; auto& text : texts) {
      for (auto size = random() % 6; size > 0; --size) text += alphabet[random() % alphabet.size()];
      if (!std::exchange(first, false)) file += ',';
      append_cell(text, file);
    }
    if (texts.size() == 1 && texts.front().empty()) continue;  // an empty line
    auto const records = read(file + "\r\n", 1 + random() % 5);
    ASSERT_EQ(records.size(), 1U) << file;
    ASSERT_FALSE(records.front().fault) << file;
    Cells back;
    for (auto const& cell : records.front().cells) back.emplace_back(plain_text(cell));
    ASSERT_EQ(back, texts) << file;
  }
}

}  // namespace
}  // namespace balcao::csv
