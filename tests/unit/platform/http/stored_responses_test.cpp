#include "platform/http/stored_responses.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace balcao::http {
namespace {

StoredResponse response_of(std::size_t body_bytes) {
  return {
      .head = std::string(100, 'h'), .body = std::string(body_bytes, 'b'), .etag = "\"tag\"", .not_modified_head = {}};
}

TEST(StoredResponses, FindsWhatWasPutAndReplacesIt) {
  StoredResponses stored(100'000);
  EXPECT_EQ(stored.find("/a"), nullptr);
  stored.put("/a", response_of(10), {.changes = 1});
  stored.put("/a", response_of(20), {.changes = 2});
  ASSERT_NE(stored.find("/a"), nullptr);
  EXPECT_EQ(stored.find("/a")->response.body.size(), 20U);
  EXPECT_EQ(stored.find("/a")->reading.changes, 2U);
  EXPECT_EQ(stored.size(), 1U);
  stored.erase("/a");
  EXPECT_EQ(stored.find("/a"), nullptr);
  EXPECT_EQ(stored.bytes(), 0U);
}

TEST(StoredResponses, RemovesTheLeastRecentlyUsed) {
  StoredResponses stored(4 * 1'500);
  for (auto const* target : {"/a", "/b", "/c"}) stored.put(target, response_of(1'000), {});
  ASSERT_EQ(stored.size(), 3U);
  EXPECT_EQ(stored.oldest()->target, "/a");
  stored.find("/a");
  for (auto const* target : {"/d", "/e"}) stored.put(target, response_of(1'000), {});
  EXPECT_NE(stored.find("/a"), nullptr);
  EXPECT_EQ(stored.find("/b"), nullptr);
}

TEST(StoredResponses, DoesNotKeepWhatWouldTakeMostOfTheRoom) {
  StoredResponses stored(10'000);
  stored.put("/small", response_of(10), {});
  stored.put("/large", response_of(6'000), {});
  EXPECT_EQ(stored.find("/large"), nullptr);
  EXPECT_NE(stored.find("/small"), nullptr);
}

/// Beside the simplest list that does the same.
TEST(StoredResponses, CountsWhatItHoldsWhateverTheOrderOfCalls) {
  struct Expected {
    std::string target;
    std::size_t bytes;
  };
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    auto const below = [&](std::size_t most) {
      return std::uniform_int_distribution<std::size_t>(0, most - 1)(random);
    };
    std::size_t const room = 5'000 + below(50'000);
    StoredResponses stored(room);
    std::vector<Expected> expected;  // the most recently used first
    for (int step = 0; step < 3'000; ++step) {
      auto const target = "/" + std::string(below(60), 'x') + std::to_string(below(8));
      auto const known = std::ranges::find(expected, target, &Expected::target);
      switch (below(4)) {
        case 0: {
          auto response = response_of(below(4) == 0 ? below(room) : below(500));
          auto const bytes = StoredResponses::bytes_of(std::string(target), response);
          if (known != expected.end()) expected.erase(known);
          if (bytes <= room / 2) expected.insert(expected.begin(), {target, bytes});
          for (std::size_t sum = 0, i = 0; i < expected.size(); ++i) {
            if ((sum += expected[i].bytes) > room) expected.resize(i);
          }
          stored.put(target, std::move(response), {});
          break;
        }
        case 1:
          if (known != expected.end()) expected.erase(known);
          stored.erase(target);
          break;
        default:
          ASSERT_EQ(stored.find(target) != nullptr, known != expected.end()) << "seed " << seed << ", step " << step;
          if (known != expected.end()) std::rotate(expected.begin(), known, known + 1);
      }
      std::size_t sum = 0;
      for (auto const& each : expected) sum += each.bytes;
      ASSERT_EQ(stored.bytes(), sum) << "seed " << seed << ", step " << step;
      ASSERT_EQ(stored.size(), expected.size()) << "seed " << seed << ", step " << step;
      ASSERT_LE(stored.bytes(), room);
    }
  }
}

}  // namespace
}  // namespace balcao::http
