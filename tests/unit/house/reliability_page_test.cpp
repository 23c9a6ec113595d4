#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

// docs/reliability.md names the tests that show its promises and bounds. They are looked for in the files.

namespace balcao {
namespace {

namespace fs = std::filesystem;

fs::path const root = BALCAO_SOURCE_DIR;

std::string text_of(fs::path const& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The whole matches of a pattern, or its first group.
std::vector<std::string> find_all(std::string const& text, std::regex const& pattern, std::size_t group) {
  std::vector<std::string> found;
  for (auto match = std::sregex_iterator(text.begin(), text.end(), pattern); match != std::sregex_iterator(); ++match) {
    found.push_back((*match)[group]);
  }
  return found;
}

/// What stands between backticks, on a line.
std::vector<std::string> code_of(std::string const& text) {
  static std::regex const code("`([^`\n]+)`");
  return find_all(text, code, 1);
}

/// `Suite.Name` of every GoogleTest test.
std::set<std::string> unit_tests() {
  static std::regex const declaration(R"(\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\))");
  std::set<std::string> names;
  for (auto const& entry : fs::recursive_directory_iterator(root / "tests/unit")) {
    if (entry.path().extension() != ".cpp") continue;
    auto const text = text_of(entry.path());
    auto const suites = find_all(text, declaration, 1);
    auto const tests = find_all(text, declaration, 2);
    for (std::size_t i = 0; i < suites.size(); ++i) names.insert(suites[i] + '.' + tests[i]);
  }
  return names;
}

/// Whether `folder/file: name` is a test of Node's: its name as the file spells it.
bool is_node_test(std::string const& folder_and_file, std::string const& name) {
  auto const path = root / "tests" / (folder_and_file + ".test.mjs");
  if (!fs::exists(path)) return false;
  auto const text = text_of(path);
  for (char const quote : {'\'', '"', '`'}) {
    if (text.find(std::string("test(") + quote + name + quote) != text.npos) return true;
  }
  return false;
}

bool is_unit_test_name(std::string const& text) {
  static std::regex const name(R"([A-Z]\w+\.[A-Z]\w+)");
  return std::regex_match(text, name);
}

TEST(ReliabilityPage, NamesTestsThatExist) {
  auto const known = unit_tests();
  ASSERT_GT(known.size(), 500U);
  static std::regex const node_test(R"(((?:api|faults)/\w+): (.+))");
  std::size_t named = 0;
  for (auto const& name : code_of(text_of(root / "docs/reliability.md"))) {
    std::smatch match;
    if (is_unit_test_name(name)) {
      EXPECT_TRUE(known.contains(name)) << name;
      ++named;
    } else if (std::regex_match(name, match, node_test)) {
      EXPECT_TRUE(is_node_test(match[1], match[2])) << name;
      ++named;
    }
  }
  EXPECT_GT(named, 80U);
}

TEST(ReliabilityPage, NamesATestInEveryRowOrSaysWhyThereIsNone) {
  std::ifstream page(root / "docs/reliability.md");
  std::size_t rows = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| ") || line.ends_with("| Test |")) continue;
    auto const begin = line.rfind(" | ", line.size() - 2);
    ASSERT_NE(begin, line.npos) << line;
    auto const cell = line.substr(begin + 3);
    bool const has_test = !code_of(cell).empty();
    EXPECT_TRUE(has_test || cell.starts_with("none: ") || cell.starts_with("(check)")) << line;
    ++rows;
  }
  EXPECT_GT(rows, 80U);
}

TEST(ReliabilityPage, HasEveryTable) {
  auto const page = text_of(root / "docs/reliability.md");
  static std::regex const creation(R"(CREATE TABLE (\w+)\.(\w+))");
  for (auto const& entry : fs::recursive_directory_iterator(root / "src")) {
    if (!entry.path().string().ends_with(".sqlite.sql")) continue;
    auto const text = text_of(entry.path());
    auto const schemas = find_all(text, creation, 1);
    auto const tables = find_all(text, creation, 2);
    for (std::size_t i = 0; i < tables.size(); ++i) {
      bool const is_named = page.find('`' + schemas[i] + '.' + tables[i] + '`') != page.npos ||
                            page.find("`*." + tables[i] + '`') != page.npos ||
                            page.find('`' + schemas[i] + ".*`") != page.npos;
      EXPECT_TRUE(is_named || tables[i] == "looks") << schemas[i] << '.' << tables[i];
    }
  }
}

}  // namespace
}  // namespace balcao
