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
  auto const progress = [](std::chrono::seconds waited, std::uint64_t bytes) {
    return code([&] { Transfer::require_progress(waited, bytes); });
  };
  EXPECT_EQ(progress(59s, 5), "none");
  EXPECT_EQ(progress(61s, 5), "import_too_slow") << "a byte in 12 seconds";
  EXPECT_EQ(progress(10min, 60'000), "none");
  EXPECT_EQ(progress(24h, 100 * 86'400), "none");
}

}  // namespace
}  // namespace balcao::products
