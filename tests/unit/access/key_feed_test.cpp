#include "access/key_feed.hpp"

#include "../platform/base/manual_clock.hpp"
#include "../platform/base/tasks.hpp"
#include "access/revocation_feed.hpp"
#include "known_auth.hpp"
#include "told_state.hpp"

namespace balcao::access::test {
namespace {

class KeyFeedTest : public balcao::test::LoopsTest {
 protected:
  KeyFeedTest() { publish({key}); }

  void publish(std::vector<jwt::Key> const& set) { auth.keys.keys = jwt::to_jwk_set(set); }

  bool accepts(jwt::Key const& signer, std::string const& issuer = "https://shop.example") {
    jwt::Claims claims;
    claims.iss = issuer;
    claims.aud = "balcao";
    claims.exp = std::chrono::floor<std::chrono::seconds>(clock.now().time_since_epoch()).count() + 900;
    return verifier.verify(jwt::Signer(signer).sign(claims), clock.now()).has_value();
  }

  /// Both feeds go on until `condition` holds.
  void follow_until(std::function<bool()> condition) {
    auto const stop_then = [](std::function<bool()> wanted, RevocationFeed& one, KeyFeed& other) -> Task<> {
      auto const failure = co_await balcao::test::failure_of(balcao::test::until(std::move(wanted)));
      one.stop();
      other.stop();
      if (failure) std::rethrow_exception(failure);
    };
    std::vector<Task<>> all;
    all.push_back(feed.follow());
    all.push_back(keys.follow());
    all.push_back(stop_then(std::move(condition), feed, keys));
    for (auto const& failure : run_together(std::move(all))) EXPECT_EQ(failure, nullptr);
  }

  balcao::test::ManualClock clock;
  KnownAuth auth;
  ToldState shared;
  Revocations revocations;
  jwt::Key const key = jwt::Key::generate_ed25519();
  jwt::Key const next = jwt::Key::generate_es256();
  jwt::Verifier verifier{"balcao"};
  KeyFeed keys{auth, verifier, {}};
  RevocationFeed feed{auth, shared, revocations, clock, &keys};
};

TEST_F(KeyFeedTest, LoadsWhatIsAcceptedNow) {
  EXPECT_FALSE(accepts(key));
  run(keys.load());
  EXPECT_TRUE(accepts(key));
  EXPECT_FALSE(accepts(next));
  EXPECT_FALSE(accepts(key, "https://other.example"));
}

TEST_F(KeyFeedTest, DoesNotStartWithoutAuthOrWithoutItsSecret) {
  auth.is_away = true;
  EXPECT_EQ(status(keys.load()), 503);
  auth.is_away = false;
  publish({});
  EXPECT_THROW(run(keys.load()), std::runtime_error);
}

TEST_F(KeyFeedTest, TakesOverWhatChanges) {
  run(keys.load());
  publish({key, next});
  auth.keys.issuers.emplace_back("http://127.0.0.1:8080");
  follow_until([&] { return accepts(next, "http://127.0.0.1:8080"); });
  EXPECT_TRUE(accepts(key));
  EXPECT_EQ(auth.key_requests, 2);
}

TEST_F(KeyFeedTest, ForgetsAKeyThatIsTakenAway) {
  run(keys.load());
  auto const generation = verifier.generation();
  publish({next});
  follow_until([&] { return !accepts(key); });
  EXPECT_GT(verifier.generation(), generation);
}

TEST_F(KeyFeedTest, AsksNobodyWhileNothingChanges) {
  run(keys.load());
  auto const looks = auth.looks;
  follow_until([&] { return auth.looks >= looks + 2; });
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(accepts(next)) << "an unknown kid";
  EXPECT_EQ(auth.key_requests, 1);
}

TEST_F(KeyFeedTest, KeepsWhatItHasWhileAuthCannotTellAndTriesAgain) {
  run(keys.load());
  publish({next});
  auth.keys_are_away = true;
  auto const ended = Uuid::make(clock.now());
  auth.ended[ended] = clock.now();
  follow_until([&] { return auth.key_requests >= 3 && revocations.contains(ended); });
  EXPECT_TRUE(accepts(key));
  EXPECT_TRUE(feed.is_current()) << "what has ended is known all the same";
}

TEST_F(KeyFeedTest, TriesUntilItGoesWell) {
  run(keys.load());
  publish({next});
  auth.keys_are_away = true;
  follow_until([&] {
    if (auth.key_requests >= 2) auth.keys_are_away = false;
    return accepts(next);
  });
}

TEST_F(KeyFeedTest, UnderASecretLearnsTheIssuersOnly) {
  auto const secret = jwt::Key::hs256("a secret of at least thirty-two bytes");
  KeyFeed of_secret(auth, verifier, secret);
  publish({});
  run(of_secret.load());
  EXPECT_TRUE(accepts(secret));
  publish({next});
  run(of_secret.load());
  EXPECT_TRUE(accepts(secret));
  EXPECT_FALSE(accepts(next));
}

}  // namespace
}  // namespace balcao::access::test
