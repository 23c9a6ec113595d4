#include "auth/auth.hpp"
#include "auth_fixture.hpp"

namespace balcao::auth {
namespace {

class KeysTest : public test::AuthTest {
 protected:
  std::vector<jwt::Key> load(std::optional<std::string> secret = {}) {
    return run(load_keys(key_store, secret, clock));
  }
};

TEST_F(KeysTest, AreMadeOnceAndKept) {
  auto const made = load();
  ASSERT_EQ(made.size(), 1U);
  auto const kept = load();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept.front().private_bytes(), made.front().private_bytes());
  EXPECT_NE(jwt::to_jwk_set(kept).find(made.front().kid()), std::string::npos);
}

TEST_F(KeysTest, OfManyProcessesAtOnceAreTheSame) {
  std::vector<std::string> loaded;
  auto const one = [&]() -> Task<> {
    for (auto const& each : co_await load_keys(key_store, {}, clock)) loaded.push_back(each.kid());
  };
  std::vector<Task<>> all;
  for (int i = 0; i < 5; ++i) all.push_back(one());
  for (auto const& failure : run_together(std::move(all))) EXPECT_EQ(failure, nullptr);
  EXPECT_EQ(loaded, std::vector<std::string>(5, loaded.front()));
}

TEST_F(KeysTest, ASecretIsEnough) {
  EXPECT_EQ(jwt::to_jwk_set(load("a secret of at least thirty-two bytes")), R"({"keys":[]})");
  EXPECT_EQ(count("SELECT count(*) FROM auth.signing_keys"), 0);
}

}  // namespace
}  // namespace balcao::auth
