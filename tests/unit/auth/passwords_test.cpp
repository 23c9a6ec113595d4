#include "auth/accounts/passwords.hpp"

#include "../platform/base/tasks.hpp"

namespace balcao::auth {
namespace {

class PasswordsTest : public balcao::test::LoopsTest {
 protected:
  static constexpr crypto::Argon2Cost cheap{.memory_kib = 64, .passes = 1};
  Workers workers{1, 100};
};

TEST_F(PasswordsTest, FitWhatTheyWereHashedTo) {
  Passwords passwords(workers, {cheap});
  auto const hash = run(passwords.hash("one"));
  EXPECT_TRUE(run(passwords.verify("one", hash)));
  EXPECT_FALSE(run(passwords.verify("two", hash)));
  EXPECT_FALSE(run(passwords.verify_nobodys("one")));
  EXPECT_FALSE(run(passwords.verify("", ""))) << "who has no password has none that fits";
  EXPECT_FALSE(passwords.needs_rehash(hash));
  EXPECT_TRUE(Passwords(workers, {{.memory_kib = 128, .passes = 1}}).needs_rehash(hash));
}

TEST_F(PasswordsTest, AreWorthNothingWithoutTheirPepper) {
  Passwords peppered(workers, {cheap, {"a pepper"}});
  auto const hash = run(peppered.hash("one"));
  EXPECT_TRUE(hash.starts_with("$pepper="));
  EXPECT_EQ(hash.find("a pepper"), hash.npos);
  EXPECT_TRUE(run(peppered.verify("one", hash)));
  EXPECT_FALSE(run(peppered.verify("two", hash)));
  EXPECT_FALSE(run(Passwords(workers, {cheap}).verify("one", hash)));
  EXPECT_FALSE(run(Passwords(workers, {cheap, {"another"}}).verify("one", hash)));
  EXPECT_FALSE(run(peppered.verify("one", "$pepper=")));
}

TEST_F(PasswordsTest, TakeANewPepperAtTheNextLogin) {
  auto const unseasoned = run(Passwords(workers, {cheap}).hash("one"));
  auto const old = run(Passwords(workers, {cheap, {"old"}}).hash("one"));
  Passwords passwords(workers, {cheap, {"new", "old"}});
  for (auto const& hash : {unseasoned, old}) {
    EXPECT_TRUE(run(passwords.verify("one", hash)));
    EXPECT_TRUE(passwords.needs_rehash(hash));
  }
  EXPECT_FALSE(passwords.needs_rehash(run(passwords.hash("one"))));
  EXPECT_TRUE(Passwords(workers, {cheap}).needs_rehash(old));
}

TEST_F(PasswordsTest, MadeElsewhereMayTakeMoreMemoryButOneAtATime) {
  Passwords passwords(workers, {cheap});
  auto const dear = crypto::hash_password("one", {.memory_kib = 1024, .passes = 1});
  EXPECT_TRUE(run(passwords.verify("one", dear)));
  EXPECT_TRUE(passwords.needs_rehash(dear));
  auto const too_dear = "$argon2id$v=19$m=1048576,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  EXPECT_FALSE(run(passwords.verify("one", too_dear))) << "a hash must not name its own price";
}

}  // namespace
}  // namespace balcao::auth
