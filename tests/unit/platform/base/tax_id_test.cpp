#include "platform/tax_id.hpp"

#include <gtest/gtest.h>

namespace balcao {
namespace {

TEST(TaxId, IsOneWhenItsCheckDigitsAreRight) {
  EXPECT_EQ(read_tax_id("529.982.247-25"), "52998224725");
  EXPECT_EQ(read_tax_id("52998224725"), "52998224725");
  EXPECT_EQ(read_tax_id("11.444.777/0001-61"), "11444777000161");
  EXPECT_EQ(read_tax_id("12.abc.345/01de-35"), "12ABC34501DE35") << "the example of the Receita Federal";
}

TEST(TaxId, IsNoneForAnythingElse) {
  for (auto const* text : {"529.982.247-26", "529.982.247-15", "11.444.777/0001-62", "00000000000", "11111111111111",
                           "5299822472", "529 982 247 25", "abc", ""}) {
    EXPECT_FALSE(read_tax_id(text)) << text;
  }
}

}  // namespace
}  // namespace balcao
