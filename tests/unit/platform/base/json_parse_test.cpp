#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "platform/json/parse.hpp"

namespace balcao::json {
namespace {

std::string reason(std::string_view text) {
  auto const document = parse(text);
  return document ? "accepted" : document.error().reason.en;
}

TEST(JsonParse, KeepsWhatItReads) {
  auto const document = parse(R"( {"z":1,"a":[true,null,-2,18446744073709551615,1.5,"\u00e9\ud83d\ude00"]} )");
  ASSERT_TRUE(document);
  EXPECT_EQ(to_text(*document), R"({"z":1,"a":[true,null,-2,18446744073709551615,1.5E0,"é😀"]})");
}

TEST(JsonParse, SaysWhereItStopped) {
  auto const broken = parse(R"({"a":tru})");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().offset, 5U);
  EXPECT_EQ(reason(""), "The text ends too early.");
  EXPECT_EQ(reason("{"), "The text ends too early.");
  EXPECT_EQ(reason("1 2"), "Something follows the document.");
}

TEST(JsonParse, RefusesTheSameMemberTwice) {
  for (auto const* text : {R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})", R"([{"b":{"a":1,"x":2,"a":3}}])",
                           R"({"":1,"":2})", R"({"a":{"a":1,"a":{"b":1}}})", R"({"a":{"x":1},"a":{"y":1}})"}) {
    auto const document = parse(text);
    ASSERT_FALSE(document) << text;
    EXPECT_EQ(document.error().kind, ParseFault::Kind::duplicate_member) << text;
  }
  EXPECT_TRUE(parse(R"({"a":{"a":{"a":1}},"A":1})"));
}

TEST(JsonParse, RefusesNumbersThatNoDoubleHolds) {
  for (auto const* text : {"1e400", "-1e400", "[0e870]", "1e999999999999"}) EXPECT_FALSE(parse(text)) << text;
  for (auto const* text : {"1e300", "0e1", "1e-400", "123456789012345678901234567890"})
    EXPECT_TRUE(parse(text)) << text;
}

TEST(JsonParse, BoundsNesting) {
  auto const nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(reason(nested(64)), "accepted");
  EXPECT_EQ(reason(nested(65)), "It is nested too deeply (at most 64).");
  EXPECT_EQ(reason(std::string(1024UL * 1024, '[')), "It is nested too deeply (at most 64).");
  std::string objects;
  for (int i = 0; i < 65; ++i) objects += R"({"a":)";
  EXPECT_EQ(reason(objects), "It is nested too deeply (at most 64).");
}

TEST(JsonParse, JudgesUtf8) {
  for (auto const* text : {"", "a", "\"\\", "é", "😀", "\x7f"}) EXPECT_TRUE(is_utf8(text)) << text;
  for (auto const* text :
       {"\x80", "\xc3", "a\xc3", "\xc0\x80", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "é\xa9"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

TEST(JsonParse, PassesTheSuite) {
  auto const folder = std::filesystem::path(BALCAO_SOURCE_DIR) / "../shared/vectors/JSONTestSuite/test_parsing";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "there is no " << folder.lexically_normal();
  int must_pass = 0, passed = 0, must_fail = 0, refused = 0, free = 0;
  for (auto const& entry : std::filesystem::directory_iterator(folder)) {
    auto const name = entry.path().filename().string();
    std::stringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    bool const accepted = parse(bytes.str()).has_value();
    // Two readers may take a duplicate differently, and RFC 8259 §4 leaves refusing it to us.
    bool const is_duplicate = name.starts_with("y_object_duplicated_key");
    if (name.starts_with("y_")) {
      ++must_pass;
      passed += accepted || is_duplicate;
      EXPECT_TRUE(accepted != is_duplicate) << name;
    } else if (name.starts_with("n_")) {
      ++must_fail;
      refused += !accepted;
      EXPECT_FALSE(accepted) << name;
    } else {
      ++free;
    }
  }
  EXPECT_GT(must_pass, 0);
  EXPECT_GT(must_fail, 0);
  std::cout << "JSONTestSuite: " << passed << '/' << must_pass
            << " accepted (duplicate members are refused by our own rule), " << refused << '/' << must_fail
            << " refused, " << free << " left open read without harm\n";
}

}  // namespace
}  // namespace balcao::json
