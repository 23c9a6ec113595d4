#include "access/revocations.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace balcao::access {
namespace {

using namespace std::chrono_literals;

TEST(Revocations, ForgetThoseWhoseTimeIsOver) {
  Revocations revocations;
  std::vector<Uuid> sessions;
  for (int i = 0; i < 20'000; ++i) {
    sessions.push_back(Uuid::make(Time(1h)));
    revocations.add(sessions.back(), Time(i % 2 == 0 ? 1h : 2h));
  }
  revocations.purge(Time(1h));
  for (std::size_t i = 0; i < sessions.size(); ++i) EXPECT_EQ(revocations.contains(sessions[i]), i % 2 == 1);
  revocations.purge(Time(2h));
  for (auto const& session : sessions) EXPECT_FALSE(revocations.contains(session));
}

TEST(Revocations, RememberForAsLongAsTheLatestNewsSays) {
  Revocations revocations;
  auto const session = Uuid::make(Time(1h));
  revocations.add(session, Time(2h));
  revocations.add(session, Time(1h));
  revocations.purge(Time(1h));
  EXPECT_TRUE(revocations.contains(session));
}

}  // namespace
}  // namespace balcao::access
