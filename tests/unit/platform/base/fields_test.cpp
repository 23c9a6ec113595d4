#include "platform/fields.hpp"

#include <gtest/gtest.h>

namespace balcao {
namespace {

TEST(Fields, TakesEmailAddresses) {
  for (auto const* good :
       {"a@b", "ana.maria+tag@example.com.br", "!#$%&'*+/=?^_`{|}~-@x.y", "a@1.2", "A@EXAMPLE.COM"}) {
    EXPECT_TRUE(Email::parse(good)) << good;
  }
  for (auto const* bad :
       {"",       "@",    "a@",   "@b",  "a",     "a@b@c", "a b@c", "a@b c",   "a@-b",          "a@b-",
        "a@b..c", "a@.b", "a@b.", "ã@b", "a@ção", "a\n@b", "<a@b>", "\"a\"@b", "a@[127.0.0.1]", "a@b\r\nBcc: c@d"}) {
    EXPECT_FALSE(Email::parse(bad)) << bad;
  }
  EXPECT_TRUE(Email::parse(std::string(64, 'a') + "@b"));
  EXPECT_FALSE(Email::parse(std::string(65, 'a') + "@b"));
  EXPECT_TRUE(Email::parse("a@" + std::string(63, 'b')));
  EXPECT_FALSE(Email::parse("a@" + std::string(64, 'b')));
  std::string labels = "a@" + std::string(60, 'b');
  while (labels.size() < 250) labels += "." + std::string(10, 'b');
  labels.resize(254, 'c');
  EXPECT_TRUE(Email::parse(labels));
  EXPECT_FALSE(Email::parse(labels + 'c'));
}

TEST(Fields, TakesCurrenciesInUse) {
  EXPECT_EQ(Currency::parse("BRL")->str(), "BRL");
  EXPECT_EQ(Currency::parse("usd")->str(), "USD");
  EXPECT_EQ(Currency::parse("Zwg")->str(), "ZWG");
  EXPECT_EQ(Currency::parse("AED")->str(), "AED");
  for (auto const* bad : {"", "BR", "BRLX", "XTS", "XAU", "R$ ", "D A", "L C", " BR", "BR ", "   ", "ÇAR"}) {
    EXPECT_FALSE(Currency::parse(bad)) << bad;
  }
  EXPECT_FALSE(Currency::parse(std::string_view("BR\0", 3)));
}

TEST(Fields, TakesWebAddresses) {
  for (auto const* good :
       {"http://a", "https://example.com/p%C3%A3o.png?x=1#y", "https://[::1]:8080/", "http://127.0.0.1"}) {
    EXPECT_TRUE(WebAddress::parse(good)) << good;
  }
  for (auto const* bad : {"", "example.com", "//example.com", "/path", "ftp://a", "javascript:alert(1)",
                          "data:text/html,x", "http:", "http://", "http:///path", "https://user@a",
                          "https://user:secret@a", "http://a b", "http://a\n", "http://a:99999999999/", "http://ã"}) {
    EXPECT_FALSE(WebAddress::parse(bad)) << bad;
  }
  auto const address = [](std::size_t size) { return "http://a/" + std::string(size - 9, 'x'); };
  EXPECT_TRUE(WebAddress::parse(address(2048)));
  EXPECT_FALSE(WebAddress::parse(address(2049)));
}

TEST(Fields, CountsCodePoints) {
  using Short = BoundedText<1, 3>;
  for (auto const* good : {"a", "abc", "ção", "😀😀😀", "a\tb", "\r\n"}) EXPECT_TRUE(Short::parse(good)) << good;
  for (auto const* bad : {"", "abcd", "😀😀😀😀"}) EXPECT_FALSE(Short::parse(bad)) << bad;
  EXPECT_EQ(Short::parse("abcd").error().pt, "Deve ter de 1 a 3 caracteres.");
}

TEST(Fields, TakesNoControlCharacters) {
  using Name = BoundedText<1, 10>;
  for (int c = 0; c < 0x80; ++c) {
    bool const allowed = (c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n' || c == '\r';
    EXPECT_EQ(Name::parse(std::string{'a', static_cast<char>(c)}).has_value(), allowed) << c;
  }
}

TEST(Fields, BoundsNumbers) {
  using Stars = BoundedInteger<-1, 5>;
  EXPECT_EQ(Stars::parse(-1)->number(), -1);
  EXPECT_EQ(Stars::parse(5)->number(), 5);
  EXPECT_FALSE(Stars::parse(-2));
  EXPECT_FALSE(Stars::parse(6));
  EXPECT_FALSE(Stars::parse(std::numeric_limits<std::int64_t>::min()));
}

}  // namespace
}  // namespace balcao
