#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <type_traits>
#include <unordered_set>
#include <vector>

#include "platform/id.hpp"

namespace balcao {
namespace {

Time const november = parse_rfc3339("2026-11-24T05:47:27.123456Z").value();

std::uint64_t milliseconds_of(Uuid const& id) {
  std::uint64_t millis = 0;
  for (std::size_t i = 0; i < 6; ++i) millis = millis << 8 | id.bytes[i];
  return millis;
}

/// A thread of its own starts with no last time.
template <class Make>
auto on_a_new_thread(Make make) {
  std::invoke_result_t<Make> result;
  std::jthread([&] { result = make(); }).join();
  return result;
}

TEST(Uuid, IsOfVersionSevenAndBeginsWithItsTime) {
  auto const id = on_a_new_thread([] { return Uuid::make(november); });
  EXPECT_EQ(id.bytes[6] >> 4, 7);
  EXPECT_EQ(id.bytes[8] >> 6, 2);
  EXPECT_EQ(milliseconds_of(id), 1795499247123U);
}

TEST(Uuid, SortsInTheOrderOfMakingWithinAMillisecond) {
  auto const ids = on_a_new_thread([] {
    std::vector<Uuid> made;
    for (int i = 0; i < 20'000; ++i) made.push_back(Uuid::make(november));
    return made;
  });
  EXPECT_TRUE(std::ranges::is_sorted(ids));
  EXPECT_EQ(std::set<Uuid>(ids.begin(), ids.end()).size(), ids.size());
  EXPECT_EQ(ids.back().bytes[6] >> 4, 7);
}

TEST(Uuid, KeepsItsOrderWhenTheClockGoesBack) {
  auto const ids = on_a_new_thread([] {
    return std::vector{Uuid::make(november), Uuid::make(november - std::chrono::hours{1}), Uuid::make(november)};
  });
  EXPECT_TRUE(std::ranges::is_sorted(ids));
}

TEST(Uuid, IsUniqueAmongThreads) {
  std::vector<std::vector<Uuid>> lists(4);
  {
    std::vector<std::jthread> threads;
    for (auto& list : lists) {
      threads.emplace_back([&list] {
        for (int i = 0; i < 5000; ++i) list.push_back(Uuid::make(november));
      });
    }
  }
  std::unordered_set<Uuid> all;
  for (auto const& list : lists) all.insert(list.begin(), list.end());
  EXPECT_EQ(all.size(), 20'000U);
}

TEST(Uuid, RoundTripsItsText) {
  auto const id = Uuid::make(november);
  EXPECT_EQ(id.str().size(), 36U);
  EXPECT_EQ(Uuid::parse(id.str()), id);
  auto const lower = Uuid::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");  // the example of RFC 9562
  ASSERT_TRUE(lower);
  EXPECT_EQ(Uuid::parse("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"), lower);
  EXPECT_EQ(lower->str(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
}

TEST(Uuid, IsReadFromTheCanonicalFormOnly) {
  for (auto const* text : {"", "017f22e279b07cc398c4dc0c0c07398f", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
                           "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0",
                           "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e27-9b0-7cc3-98c4-dc0c0c07398f",
                           "-17f22e2-79b0-7cc3-98c4-dc0c0c07398f", " 017f22e2-79b0-7cc3-98c4-dc0c0c0739f"}) {
    EXPECT_FALSE(Uuid::parse(text)) << text;
  }
}

struct User;
struct Product;

TEST(Id, OfOneThingIsNoIdOfAnother) {
  static_assert(!std::is_convertible_v<Id<User>, Id<Product>>);
  auto const id = Id<User>::make(november);
  EXPECT_EQ(Id<User>::parse(id.str()), id);
  EXPECT_FALSE(Id<User>::parse("7"));
}

}  // namespace
}  // namespace balcao
