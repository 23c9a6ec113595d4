#include "platform/http/extract.hpp"

#include <gtest/gtest.h>

namespace balcao::http {
namespace {

std::string decoded(std::string_view text, bool plus_is_space = false) {
  return percent_decode(text, plus_is_space).value_or("refused");
}

std::string form(std::string_view text) {
  auto const fields = read_form(text);
  if (!fields) return "refused";
  std::string written;
  for (auto const& [name, value] : *fields) {
    written += '[' + std::string(name) + "]=[" + std::string(value.as_string()) + ']';
  }
  return written;
}

TEST(PercentDecoding, ReadsToTheLastByte) {
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("%41"), "A");
  EXPECT_EQ(decoded("a%4a%4A"), "aJJ");
  EXPECT_EQ(decoded("%2525"), "%25") << "decoded once only";
  EXPECT_EQ(decoded("%c3%A9"), "é");
  EXPECT_EQ(decoded("é"), "é");
  EXPECT_EQ(decoded("a+b"), "a+b");
  EXPECT_EQ(decoded("a+b%2B", true), "a b+");
  EXPECT_EQ(percent_decode("%00", false), std::string(1, '\0')) << "what a NUL is worth, its field's rule says";
}

TEST(PercentDecoding, RefusesWhatIsBroken) {
  for (auto const* text : {"%", "%4", "a%", "a%4", "%4g", "%g4", "%%41", "% 1", "%-1", "%+1", "%c3", "%ff", "%c0%af",
                           "%ed%a0%80", "%f5%80%80%80", "\xff"}) {
    EXPECT_EQ(decoded(text), "refused") << text;
  }
}

TEST(Form, ReadsFields) {
  EXPECT_EQ(form(""), "");
  EXPECT_EQ(form("a=1&b=2"), "[a]=[1][b]=[2]");
  EXPECT_EQ(form("&a=1&&b=2&"), "[a]=[1][b]=[2]");
  EXPECT_EQ(form("a"), "[a]=[]");
  EXPECT_EQ(form("a=b=c"), "[a]=[b=c]");
  EXPECT_EQ(form("=x"), "[]=[x]");
  EXPECT_EQ(form("na+me=caf%C3%A9+%26+bar%3D"), "[na me]=[café & bar=]");
}

TEST(Form, RefusesWhatIsBrokenOrComesTwice) {
  for (auto const* text : {"a=1&a=2", "a=1&%61=2", "a=%", "%=1", "a=%ff", "=1&=2", "a&a"}) {
    EXPECT_EQ(form(text), "refused") << text;
  }
}

}  // namespace
}  // namespace balcao::http
