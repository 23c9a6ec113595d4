#include "platform/crypto/sealed.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "platform/crypto/hash.hpp"

namespace balcao::crypto {
namespace {

std::string const key = "a key-encryption key of 32 bytes";
std::string const next_key = "another key-encryption key, newer";

TEST(Sealer, OpensWhatItSealed) {
  Sealer const sealer({key});
  for (std::string const& plaintext :
       {std::string(), std::string("x"), std::string("a\0b", 3), std::string(100'000, 'y')}) {
    for (std::string const context : {"", "totp:018f"}) {
      std::string const sealed = sealer.seal(plaintext, context);
      EXPECT_EQ(sealed.size(), 1 + 8 + 12 + plaintext.size() + 16);
      EXPECT_EQ(sealer.open(sealed, context), plaintext);
      EXPECT_EQ(Sealer({key}).open(sealed, context), plaintext);
    }
  }
}

TEST(Sealer, OpensWhatAnotherImplementationSealed) {
  auto const sealed = from_hex(
      "01efaed02ef25c4810000102030405060708090a0b042aa89e459b6237f209e983301d805babd2dc020b28bc31cb04c36f59"
      "f54678e821df4c");
  EXPECT_EQ(Sealer({key}).open(sealed.value(), "totp:018f"), "12345678901234567890");
}

TEST(Sealer, ShowsNothingOfThePlaintextAndSealsItAnewEachTime) {
  Sealer const sealer({key});
  std::set<std::string> nonces;
  for (int i = 0; i < 1000; ++i) {
    std::string const sealed = sealer.seal("the same secret", "");
    EXPECT_FALSE(sealed.contains("secret"));
    nonces.insert(sealed.substr(9, 12));
  }
  EXPECT_EQ(nonces.size(), 1000U);
}

TEST(Sealer, OpensNothingOfWhichABitWasChanged) {
  Sealer const sealer({key});
  std::string const sealed = sealer.seal("a secret", "context");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ 1 << bit);
      EXPECT_FALSE(sealer.open(changed, "context")) << "byte " << i << ", bit " << bit;
    }
  }
}

TEST(Sealer, OpensNothingThatIsCutOrLengthened) {
  Sealer const sealer({key});
  std::string const sealed = sealer.seal("a secret", "context");
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(sealer.open(sealed.substr(0, size), "context")) << size;
    EXPECT_FALSE(sealer.open(sealed.substr(sealed.size() - size), "context")) << size;
  }
  EXPECT_FALSE(sealer.open(sealed + "x", "context"));
  EXPECT_FALSE(sealer.open(sealed + std::string(1, '\0'), "context"));
}

TEST(Sealer, OpensNothingInAnotherPlace) {
  Sealer const sealer({key});
  std::string const sealed = sealer.seal("a secret", "totp:1");
  for (auto const* context : {"", "totp:", "totp:2", "totp:11", "Totp:1", "key:1"}) {
    EXPECT_FALSE(sealer.open(sealed, context)) << context;
  }
}

TEST(Sealer, OpensNothingWithAnotherKey) {
  std::string const sealed = Sealer({key}).seal("a secret", "context");
  EXPECT_FALSE(Sealer({next_key}).open(sealed, "context"));
  // Not even where the seal claims to be of that key.
  std::string relabelled = Sealer({next_key}).seal("", "").substr(0, 9) + sealed.substr(9);
  EXPECT_FALSE(Sealer({next_key}).open(relabelled, "context"));
  EXPECT_FALSE(Sealer({next_key, key}).open(relabelled, "context"));
}

TEST(Sealer, ChangesItsKeyWhileTheOldOneStillOpens) {
  std::string const old_seal = Sealer({key}).seal("a secret", "context");
  Sealer const both({next_key, key});
  EXPECT_FALSE(both.is_current(old_seal));
  EXPECT_EQ(both.open(old_seal, "context"), "a secret");

  std::string const new_seal = both.seal("a secret", "context");
  EXPECT_TRUE(both.is_current(new_seal));
  EXPECT_EQ(Sealer({next_key}).open(new_seal, "context"), "a secret");
  EXPECT_FALSE(Sealer({key}).open(new_seal, "context"));
  EXPECT_FALSE(both.is_current(""));
}

TEST(Sealer, TakesNoKeyThatIsNone) {
  EXPECT_THROW(Sealer({}), std::invalid_argument);
  EXPECT_THROW(Sealer(std::vector<std::string>{""}), std::invalid_argument);
  EXPECT_THROW(Sealer({key, "fifteen letters"}), std::invalid_argument);
}

}  // namespace
}  // namespace balcao::crypto
