#include "platform/card_number.hpp"

#include <gtest/gtest.h>

#include "platform/json/parse.hpp"

namespace balcao {
namespace {

TEST(CardNumber, IsFoundInAnyText) {
  for (auto const* text :
       {"4242424242424242", "4242 4242 4242 4242", "4242-4242-4242-4242", "378282246310005", "3782 822463 10005",
        "my card is 5555555555554444.", "6011111111111117,", "(4222222222222)", "4000000000000000006"}) {
    EXPECT_TRUE(has_card_number(text)) << text;
  }
}

TEST(CardNumber, OtherNumbersAreLetThrough) {
  for (auto const* text : {"4242424242424241", "424242424242", "+4242424242424242", "ord_4242424242424242",
                           "a4242424242424242", "0193a567-4242-4242-4242-424242424242",
                           "42424242-4242-4242-a123-456789012345", "42424242424242424242", "2026-11-24 05:47:27", ""}) {
    EXPECT_FALSE(has_card_number(text)) << text;
  }
}

TEST(CardNumber, IsFoundAnywhereInADocument) {
  for (auto const* text : {R"("4242424242424242")", R"({"a":[{"b":"4242 4242 4242 4242"}]})", R"(4242424242424242)",
                           R"({"4242424242424242":1})", R"(["\u0034242424242424242"])"}) {
    EXPECT_TRUE(holds_card_number(json::parse(text).value())) << text;
  }
  for (auto const* text : {R"({"a":[null,true,1.5,"4242"]})", R"(4242424242424241)", R"([4242,4242,4242,4242])"}) {
    EXPECT_FALSE(holds_card_number(json::parse(text).value())) << text;
  }
}

}  // namespace
}  // namespace balcao
