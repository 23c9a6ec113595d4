#include "products/catalog/spelling.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace balcao::products {
namespace {

using Words = std::vector<std::string>;

bool meet(std::string_view typed, std::string_view meant) {
  auto const kept = spellings_of(meant);
  return std::ranges::any_of(spellings_to_try(typed),
                             [&](auto const& tried) { return std::ranges::find(kept, tried) != kept.end(); });
}

TEST(Spelling, CountsErrors) {
  EXPECT_EQ(errors_between("cafe", "cafe"), 0U);
  EXPECT_EQ(errors_between("", "cafe"), 4U);
  EXPECT_EQ(errors_between("cafe", "cfae"), 1U);
  EXPECT_EQ(errors_between("cafe", "caf"), 1U);
  EXPECT_EQ(errors_between("cafe", "cape"), 1U);
  EXPECT_EQ(errors_between("cafateria", "cafeteira"), 2U);
}

TEST(Spelling, MisspeltWordsMeetTheOnesThatWereMeant) {
  for (auto const* typed : {"cafeteira", "cafateria", "cafeteria", "cafetera", "caffeteira", "cafeteyra", "acfeteira",
                            "cafeteir", "cefateira", "cafeterai"}) {
    EXPECT_TRUE(meet(typed, "cafeteira")) << typed;
  }
  EXPECT_TRUE(meet("relojio", "relogio"));
  EXPECT_TRUE(meet("chicara", "xicara")) << "two errors";
  EXPECT_FALSE(meet("geladeira", "cafeteira"));
}

TEST(Spelling, GuessesAtWordsOnly) {
  for (auto const* word : {"", "pao", "ab12cd", "123456", "кофейник", "abcdefghijklmnopqrstu"}) {
    EXPECT_EQ(spellings_of(word), Words{}) << word;
    EXPECT_EQ(spellings_to_try(word), Words{}) << word;
  }
  EXPECT_EQ(spellings_of("cafe"), (Words{"cafe", "afe", "cfe", "cae", "caf"}));
  EXPECT_LE(spellings_to_try("abcdefghijklmnopqrst").size(), 512U);
}

TEST(Spelling, TakesTheClosest) {
  EXPECT_EQ(closest_to("cafateria", {"cafeteira", "bateria", "cafe"}), Words{"cafeteira"});
  EXPECT_EQ(closest_to("copos", {"copas", "copo", "corpos", "sapos"}), (Words{"copas", "copo", "corpos"}));
  EXPECT_EQ(closest_to("cama", {"cafe"}), Words{}) << "two errors are too many for a short word";
  EXPECT_EQ(closest_to("caneta", {"canela", "caneca", "caneta", "canoa"}), Words{"caneta"});
}

}  // namespace
}  // namespace balcao::products
