#include "products/catalog/search_text.hpp"

#include <gtest/gtest.h>

namespace balcao::products {
namespace {

using Words = std::vector<std::string>;

TEST(SearchText, HasNeitherCaseNorAccents) {
  EXPECT_EQ(words_of("Pão de Queijo"), (Words{"pao", "de", "queijo"}));
  EXPECT_EQ(words_of("CAFÉ AÇAÍ Ñandú Über"), (Words{"cafe", "acai", "nandu", "uber"}));
  EXPECT_EQ(words_of("cafe\u0301 A\u00c7\u00c3O"), (Words{"cafe", "acao"})) << "accents of their own";
  EXPECT_EQ(words_of("Straße Œuvre Łódź Đà Nẵng"), (Words{"strasse", "oeuvre", "lodz", "da", "nang"}));
  EXPECT_EQ(words_of("ΚΑΦΈΣ кофе КОФЕ Ёлка"), (Words{"καφεσ", "кофе", "елка"}));
  EXPECT_EQ(words_of("Ｃafé 咖啡"), (Words{"cafe", "咖啡"}));
}

TEST(SearchText, TakesAllElseForWhatStandsBetweenWords) {
  EXPECT_EQ(words_of("guarda-chuva, copo d'água; 1ª nº 100%"),
            (Words{"guarda", "chuva", "copo", "d", "agua", "1a", "no", "100"}));
  EXPECT_EQ(words_of("\"NEAR*\" -x & !y | (z):* \\ _ ☕ “fim”…"), (Words{"near", "x", "y", "z", "fim"}));
  EXPECT_EQ(words_of(""), Words{});
  EXPECT_EQ(words_of(" %_\\'\"\t\n— 😀 "), Words{});
}

TEST(SearchText, HasEachWordOnceAndNoMoreThanCanBeKept) {
  EXPECT_EQ(search_text_of("Café com leite", "Leite e CAFE."), "cafe com leite e");
  EXPECT_EQ(words_of(std::string(5000, 'x')), Words{std::string(40, 'x')});
  std::string wide;
  for (int i = 0; i < 50; ++i) wide += "咖";
  EXPECT_EQ(words_of(wide).front().size(), 39U) << "a letter is not cut";
  std::string many;
  for (int i = 0; i < 1000; ++i) many += std::to_string(i) + ' ';
  EXPECT_EQ(words_of(many).size(), 256U);
}

}  // namespace
}  // namespace balcao::products
