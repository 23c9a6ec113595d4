#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "forged_tokens.hpp"

namespace balcao::jwt {
namespace {

std::string const issuer = "https://balcao";

TEST(Signer, SignsNothingUntilItHasAKey) {
  Signer signer;
  EXPECT_THROW((void)signer.sign(good_claims()), std::logic_error);
  signer.use(rfc8037_key());
  EXPECT_TRUE(verifier_of({rfc8037_key()}).verify(signer.sign(good_claims()), now));
  signer.use(rfc7515_key());
  EXPECT_TRUE(verifier_of({rfc7515_key()}).verify(signer.sign(good_claims()), now));
}

TEST(Verifier, RefusesEverythingUntilItIsToldWhatToAccept) {
  Verifier verifier("balcao");
  auto const token = Signer(rfc8037_key()).sign(good_claims());
  EXPECT_FALSE(verifier.verify(token, now));
  verifier.use({rfc8037_key()}, {});
  EXPECT_FALSE(verifier.verify(token, now));
  verifier.use({rfc8037_key()}, {"https://other", issuer});
  EXPECT_TRUE(verifier.verify(token, now));
}

TEST(Verifier, HasANewGenerationWhenSomethingIsTakenAway) {
  auto const first = rfc8037_key();
  auto const second = rfc7515_key();
  auto const third = Key::hs256(secret);
  Verifier verifier({first}, {issuer}, "balcao");
  auto const begin = verifier.generation();
  verifier.use({second, first}, {issuer, "https://other"});
  verifier.use({first, second, third}, {"https://other", issuer});
  EXPECT_EQ(verifier.generation(), begin) << "nothing was taken away";
  verifier.use({first, second, Key::hs256(other_secret)}, {"https://other", issuer});
  EXPECT_EQ(verifier.generation(), begin + 1) << "another secret is another key";
  verifier.use({first, second}, {issuer});
  EXPECT_EQ(verifier.generation(), begin + 2);
  verifier.use({rfc8037_key(first.kid()), Key::es256(second.kid(), std::string(32, '\7'))}, {issuer});
  EXPECT_EQ(verifier.generation(), begin + 3) << "another key under the same kid";
  verifier.use({first}, {"https://other"});
  EXPECT_EQ(verifier.generation(), begin + 4);
  EXPECT_THROW(verifier.use({first, first}, {issuer}), std::invalid_argument);
  EXPECT_EQ(verifier.generation(), begin + 4);
}

TEST(Verifier, ChangesItsKeysWhileManyThreadsUseIt) {
  auto const kept = rfc8037_key();
  auto const comes_and_goes = Key::hs256(secret);
  Verifier verifier({kept, comes_and_goes}, {issuer}, "balcao");
  auto const good = Signer(kept).sign(good_claims());
  auto const sometimes = forge(good_header, good_payload);
  std::atomic<bool> stop = false;
  std::atomic<int> refused = 0;
  std::atomic<int> contradictions = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop) {
        if (!verifier.verify(good, now)) ++refused;
        // In one generation a key may come, and never goes.
        auto const before = verifier.generation();
        bool const first = verifier.verify(sometimes, now).has_value();
        bool const second = verifier.verify(sometimes, now).has_value();
        if (first && !second && verifier.generation() == before) ++contradictions;
      }
    });
  }
  for (int i = 0; i < 2000; ++i) {
    verifier.use({kept}, {issuer});
    verifier.use({comes_and_goes, kept}, {issuer});
  }
  stop = true;
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(contradictions, 0);
}

}  // namespace
}  // namespace balcao::jwt
