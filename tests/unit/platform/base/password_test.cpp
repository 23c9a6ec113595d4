#include "platform/crypto/password.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "platform/json/parse.hpp"

namespace balcao::crypto {
namespace {

/// The least that argon2id takes: these tests are about our part, not about the cost.
constexpr Argon2Cost cheap{.memory_kib = 8, .passes = 1, .lanes = 1};

constexpr std::string_view known_password = "correct horse battery staple";
constexpr std::string_view known_hash =
    "$argon2id$v=19$m=7168,p=1,t=5$MDEyMzQ1Njc4OWFiY2RlZg$iFYFbd6+YgSpBS95zKSeCiqMI6RfgwXfibpMk5AbxQY";

TEST(Password, FitsItsOwnHashOnly) {
  std::string const hash = hash_password("segredo", cheap);
  EXPECT_TRUE(verify_password("segredo", hash));
  EXPECT_FALSE(verify_password("Segredo", hash));
  EXPECT_FALSE(verify_password("segredo ", hash));
  EXPECT_FALSE(verify_password("", hash));
}

TEST(Password, IsHashedWithAFreshSalt) { EXPECT_NE(hash_password("segredo", cheap), hash_password("segredo", cheap)); }

TEST(Password, IsHashedAtOwaspsCostsByDefault) {
  std::string const hash = hash_password("segredo");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << hash;
  EXPECT_TRUE(verify_password("segredo", hash));
  EXPECT_FALSE(needs_rehash(hash));
}

TEST(Password, MayHoldAnyByteAndAnyLength) {
  for (std::string const& password :
       {std::string(), std::string("a\0b", 3), std::string(1024, 'x'), std::string("ção")}) {
    EXPECT_TRUE(verify_password(password, hash_password(password, cheap)));
  }
  EXPECT_FALSE(verify_password("a", hash_password(std::string_view("a\0b", 3), cheap)));
}

TEST(Password, IsReadWithItsCostsInEitherOrder) {
  EXPECT_TRUE(verify_password(known_password, known_hash));
  std::string reordered(known_hash);
  reordered.replace(reordered.find("p=1,t=5"), 7, "t=5,p=1");
  EXPECT_TRUE(verify_password(known_password, reordered));
}

TEST(Password, FitsNoTextThatIsNoHashOfOurs) {
  std::string const tail = "$MDEyMzQ1Njc4OWFiY2RlZg$iFYFbd6+YgSpBS95zKSeCiqMI6RfgwXfibpMk5AbxQY";
  std::vector<std::string> const texts{
      "",
      "correct horse battery staple",
      "$argon2id$",
      "$argon2i$v=19$m=7168,t=5,p=1" + tail,
      "$argon2id$v=16$m=7168,t=5,p=1" + tail,
      "$argon2id$m=7168,t=5,p=1" + tail,
      "$argon2id$v=19$m=7168,t=5" + tail,
      "$argon2id$v=19$m=7168,t=5,t=5" + tail,
      "$argon2id$v=19$m=7168,t=5,p=1,m=7168" + tail,
      "$argon2id$v=19$m=07168,t=5,p=1" + tail,
      "$argon2id$v=19$m=-7168,t=5,p=1" + tail,
      "$argon2id$v=19$m=7168 ,t=5,p=1" + tail,
      "$argon2id$v=19$m=0,t=5,p=1" + tail,
      "$argon2id$v=19$m=15,t=1,p=2" + tail,
      "$argon2id$v=19$m=7168,t=5,p=1$$" + tail,
      "$argon2id$v=19$m=7168,t=5,p=1" + tail + "=",
      "$argon2id$v=19$m=7168,t=5,p=1" + tail + "$",
      "$argon2id$v=19$m=7168,t=5,p=1$MDEyMzQ1Njc4OWFiY2RlZg$",
      "$argon2id$v=19$m=7168,t=5,p=1$MDEy$iFYFbd6+YgSpBS95zKSeCiqMI6RfgwXfibpMk5AbxQY",
      "$argon2id$v=19$m=7168,t=5,p=1$MDEyMzQ1Njc4OWFiY2RlZg$iFYF",
  };
  for (auto const& text : texts) {
    EXPECT_FALSE(verify_password(known_password, text)) << text;
    EXPECT_TRUE(needs_rehash(text)) << text;
  }
}

TEST(Password, IsNotTriedAtAPriceThatAForeignHashNames) {
  std::string const tail = "$MDEyMzQ1Njc4OWFiY2RlZg$iFYFbd6+YgSpBS95zKSeCiqMI6RfgwXfibpMk5AbxQY";
  EXPECT_FALSE(verify_password("x", "$argon2id$v=19$m=4294967295,t=1,p=1" + tail));
  EXPECT_FALSE(verify_password("x", "$argon2id$v=19$m=8,t=4294967295,p=1" + tail));
  EXPECT_FALSE(verify_password("x", "$argon2id$v=19$m=99999999999999999999,t=1,p=1" + tail));
}

TEST(Password, RefusesCostsThatArgon2DoesNotHave) {
  EXPECT_THROW(hash_password("segredo", {.memory_kib = 8, .passes = 0, .lanes = 1}), std::invalid_argument);
  EXPECT_THROW(hash_password("segredo", {.memory_kib = 1, .passes = 1, .lanes = 1}), std::invalid_argument);
}

TEST(NeedsRehash, SaysSoForOtherCosts) {
  std::string const hash = hash_password("segredo", cheap);
  EXPECT_FALSE(needs_rehash(hash, cheap));
  EXPECT_TRUE(needs_rehash(hash));
  EXPECT_TRUE(needs_rehash(hash, {.memory_kib = 8, .passes = 2, .lanes = 1}));
}

TEST(Password, FitsTheHashesOfTheReferenceImplementation) {
  auto const path = std::filesystem::path(BALCAO_SOURCE_DIR) / "../shared/vectors/argon2/argon2id_vectors.json";
  std::ifstream file(path);
  if (!file) GTEST_SKIP() << "there is no " << path.lexically_normal();
  auto const document = json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  ASSERT_TRUE(document);
  int ran = 0;
  int beyond_our_bound = 0;
  for (auto const& vector : document->at("encoded").as_array()) {
    std::string const hash(vector.at("encoded").as_string());
    bool const allowed = vector.at("m").as_int64() <= 1024 * 1024;
    EXPECT_EQ(verify_password(known_password, hash), allowed) << hash;
    if (allowed) EXPECT_FALSE(verify_password("another password", hash)) << hash;
    ++(allowed ? ran : beyond_our_bound);
  }
  EXPECT_GT(ran, 0);
  std::cout << "argon2 vectors: " << ran << " ran, " << beyond_our_bound << " refused for costing over 1 GiB\n";
}

}  // namespace
}  // namespace balcao::crypto
