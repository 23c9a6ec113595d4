#include "products/transfer/transfer.hpp"

#include <gtest/gtest.h>

#include "../platform/db/database_fixture.hpp"
#include "products/migrations.hpp"

namespace balcao::products {
namespace {

using namespace std::chrono_literals;

std::string_view code(std::function<void()> const& work) {
  try {
    work();
  } catch (Problem const& problem) {
    return problem.type().code;
  }
  return "none";
}

class TransferPlacesTest : public test::DatabaseTest {
 protected:
  test::ManualClock clock;
  std::unique_ptr<db::Database> database = engine.open("products", migrations, clock.now());
  TransferStore store{*database};
  Transfer transfer{store, clock, [](auto) {}, [] {}};
};

TEST_F(TransferPlacesTest, OneUserHasFourAndShutsNobodyOut) {
  auto const ana = Id<Owner>::make(clock.now());
  std::vector<Transfer::Place> places;
  for (int i = 0; i < 4; ++i) places.push_back(transfer.take_place(ana));
  auto const take = [&](Id<Owner> owner) { return code([&] { places.push_back(transfer.take_place(owner)); }); };
  EXPECT_EQ(take(ana), "too_many_imports");
  EXPECT_EQ(take(Id<Owner>::make(clock.now())), "none");
  places.erase(places.begin());
  EXPECT_EQ(take(ana), "none");
  while (places.size() < 32) places.push_back(transfer.take_place(Id<Owner>::make(clock.now())));
  EXPECT_EQ(take(Id<Owner>::make(clock.now())), "unavailable");
}

TEST(TransferProgress, IsNeededToKeepAPlace) {
  /// How often so many bytes may come after such a wait, up to a thousand times.
  auto const pieces = [](std::chrono::seconds waited, std::size_t bytes, std::size_t begin_with = 0) {
    Transfer::Progress progress;
    progress.note(0s, begin_with);
    int count = 0;
    while (count < 1000 && code([&] { progress.note(waited, bytes); }) == "none") ++count;
    return count;
  };
  EXPECT_EQ(pieces(12s, 1), 5) << "a byte in 12 seconds";
  EXPECT_EQ(pieces(12s, 1, 100'000'000), 5) << "whatever came before";
  EXPECT_EQ(pieces(12s, 1200), 1000) << "100 bytes a second";
  EXPECT_EQ(pieces(2min, 65'536), 1000) << "it was there, but this process could not read it";
}

}  // namespace
}  // namespace balcao::products
