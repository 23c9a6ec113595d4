#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

// The walls of docs/architecture.md, held to the files themselves.

namespace balcao {
namespace {

namespace fs = std::filesystem;

struct File {
  std::string path;  ///< below the project's root
  std::vector<std::string> lines;

  bool is_cpp() const { return path.ends_with(".cpp") || path.ends_with(".hpp"); }
  std::string room() const { return path.substr(0, path.find('/', path.find('/') + 1)); }  ///< `src/auth`
};

std::vector<File> read_files(std::initializer_list<std::string_view> folders) {
  std::vector<File> files;
  fs::path const root = BALCAO_SOURCE_DIR;
  for (auto const folder : folders) {
    for (auto entry = fs::recursive_directory_iterator(root / folder); entry != fs::recursive_directory_iterator();
         ++entry) {
      if (entry->path().filename() == "node_modules") entry.disable_recursion_pending();
      auto const extension = entry->path().extension();
      if (extension != ".cpp" && extension != ".hpp" && extension != ".mjs" && extension != ".sql") continue;
      File file{fs::relative(entry->path(), root).generic_string(), {}};
      std::ifstream stream(entry->path());
      for (std::string line; std::getline(stream, line);) file.lines.push_back(line);
      files.push_back(std::move(file));
    }
  }
  return files;
}

std::vector<std::string> includes_of(File const& file) {
  std::vector<std::string> found;
  for (auto const& line : file.lines) {
    if (!line.starts_with("#include ")) continue;
    auto const open = line.find_first_of("\"<");
    found.push_back(line.substr(open + 1, line.find_first_of("\">", open + 1) - open - 1));
  }
  return found;
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> starts) {
  return std::ranges::any_of(starts, [text](auto start) { return text.starts_with(start); });
}

/// Which rooms each room may include, besides itself.
std::map<std::string, std::vector<std::string>> const arrows = {
    {"src/platform", {}},
    {"src/contracts", {"platform/"}},
    {"src/access", {"platform/", "contracts/"}},
    {"src/auth", {"platform/", "contracts/", "access/"}},
    {"src/payments", {"platform/", "contracts/", "access/"}},
    {"src/products", {"platform/", "contracts/", "access/"}},
    {"src/sandbox", {"platform/"}},
    {"src/app", {"platform/", "contracts/", "access/", "auth/", "payments/", "products/", "sandbox/"}},
    {"src/main.cpp", {"app/"}},
};

bool is_ours(std::string_view include) {
  return starts_with_any(include,
                         {"platform/", "contracts/", "access/", "auth/", "payments/", "products/", "sandbox/", "app/"});
}

TEST(Walls, ArrowsPointDownOnly) {
  auto const files = read_files({"src"});
  ASSERT_GT(files.size(), 100U);
  for (auto const& file : files) {
    auto const allowed = arrows.find(file.room());
    ASSERT_NE(allowed, arrows.end()) << file.path << " stands in no known room";
    auto const own = file.room().substr(4) + '/';
    for (auto const& include : includes_of(file)) {
      bool const may = include.starts_with(own) || std::ranges::any_of(allowed->second, [&](auto const& room) {
                         return include.starts_with(room);
                       });
      EXPECT_TRUE(may || !is_ours(include)) << file.path << " includes " << include;
    }
  }
}

TEST(Walls, LibrariesStayInPlatform) {
  for (auto const& file : read_files({"src"})) {
    if (file.room() == "src/platform") continue;
    for (auto const& include : includes_of(file)) {
      bool const library = starts_with_any(include, {"boost/", "openssl/", "sqlite3", "argon2", "zxcvbn", "libpq",
                                                     "postgres", "prometheus/", "CLI/", "qrencode", "crypt.h"});
      bool const exception = file.path == "src/app/command_line.cpp" && include.starts_with("CLI/");
      EXPECT_TRUE(!library || exception) << file.path << " includes " << include;
    }
  }
}

TEST(Walls, EverythingHasAName) {
  for (auto const& file : read_files({"src", "tests"})) {
    for (auto const& part : fs::path(file.path)) {
      auto const stem = part.stem().string();
      for (auto const* empty : {"utils", "util", "common", "helpers", "helper", "misc"}) {
        EXPECT_NE(stem, empty) << file.path;
      }
    }
  }
}

TEST(Walls, FilesAreShort) {
  for (auto const& file : read_files({"src", "tests"})) {
    EXPECT_LE(file.lines.size(), 600U) << file.path;
    if (file.path.starts_with("src/")) EXPECT_LE(file.lines.size(), 400U) << file.path;
  }
}

/// Columns as people see them: bytes that begin a character.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

TEST(Walls, LinesAreShortAndLeaveNothingForLater) {
  // Spelt in two halves, or this file would be the first to break the rule.
  std::array<std::string, 3> const later = {std::string("TO") + "DO", std::string("FIX") + "ME",
                                            std::string("X") + "XX"};
  for (auto const& file : read_files({"src", "tests"})) {
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
      auto const& line = file.lines[i];
      if (file.is_cpp()) EXPECT_LE(columns(line), 120U) << file.path << ':' << i + 1;
      for (auto const& word : later) {
        auto const found = line.find(word);
        bool const alone = found != line.npos &&
                           (found == 0 || !std::isalnum(static_cast<unsigned char>(line[found - 1]))) &&
                           (found + word.size() == line.size() ||
                            !std::isalnum(static_cast<unsigned char>(line[found + word.size()])));
        EXPECT_FALSE(alone) << file.path << ':' << i + 1;
      }
    }
  }
}

TEST(Walls, HeadersAreGuarded) {
  for (auto const& file : read_files({"src", "tests"})) {
    if (!file.path.ends_with(".hpp") || file.path == "src/platform/precompiled.hpp") continue;
    EXPECT_NE(std::ranges::find(file.lines, "#pragma once"), file.lines.end()) << file.path;
  }
}

}  // namespace
}  // namespace balcao
