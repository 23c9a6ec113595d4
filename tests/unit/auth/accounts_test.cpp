#include "auth_fixture.hpp"
#include "platform/crypto/password.hpp"

namespace balcao::auth {
namespace {

using namespace std::chrono_literals;

class AccountsTest : public test::AuthTest {
 protected:
  int login(std::string name, std::string_view secret = good_password, std::string address = "192.0.2.1") {
    return status(accounts.authenticate(std::move(name), std::string(secret), std::move(address)));
  }
  int register_status(std::string_view name, std::string_view secret) {
    return status(accounts.register_user(username(name), password(secret)));
  }
};

TEST(Username, IsLowerCaseOfAFewCharacters) {
  EXPECT_EQ(Username::parse("Ana.Maria_7-x")->str(), "ana.maria_7-x");
  EXPECT_TRUE(Username::parse(std::string(64, 'a')));
  for (auto const& bad : {std::string("ab"), std::string(65, 'a'), std::string("a b"), std::string("joão"),
                          std::string("ana\n"), std::string("ana@x"), std::string("an\0a", 4), std::string()}) {
    EXPECT_FALSE(Username::parse(bad)) << bad;
  }
}

TEST_F(AccountsTest, RegistersOnceWithoutCase) {
  auto const user = add_user("Ana");
  EXPECT_EQ(user.username, "ana");
  EXPECT_EQ(user.role, Role::user);
  EXPECT_EQ(user.created_at, clock.now());
  EXPECT_EQ(register_status("ANA", good_password), 409);
  EXPECT_EQ(count("SELECT count(*) FROM auth.users"), 1);
  EXPECT_EQ(run(accounts.find(user.id)).username, "ana");
  EXPECT_EQ(login("aNa"), 0);
}

TEST_F(AccountsTest, RefusesWeakPasswords) {
  EXPECT_EQ(register_status("ana", "x7!kQ2z"), 422) << "seven characters";
  EXPECT_EQ(register_status("ana", "ããããããã"), 422) << "seven characters, however many bytes";
  EXPECT_EQ(register_status("ana", "password"), 422);
  EXPECT_EQ(register_status("joaquim-da-silva", "Joaquim-da-Silva"), 422);
  EXPECT_EQ(count("SELECT count(*) FROM auth.users"), 0);
  EXPECT_FALSE(NewPassword::parse(std::string(1025, 'x')));
}

TEST_F(AccountsTest, NeverCutsAPassword) {
  std::string const secret = std::string(good_password) + std::string(1000, 'x') + 'a';
  std::string with_nul = "zeq!7-vam";
  with_nul += '\0';
  add_user("ana", secret);
  add_user("eva", with_nul + "one");
  EXPECT_EQ(login("ana", secret), 0);
  EXPECT_EQ(login("ana", secret.substr(0, secret.size() - 1) + 'b'), 401);
  EXPECT_EQ(login("eva", with_nul + "one"), 0);
  EXPECT_EQ(login("eva", with_nul + "two"), 401);
}

TEST_F(AccountsTest, SaysTheSameForEveryWrongLogin) {
  add_user("ana");
  run(accounts.register_user(username("bob"), password(good_password)));
  run(accounts.set_disabled(username("bob"), true));
  std::string said;
  for (auto const& [name, secret] :
       {std::pair{"ana", "wrong"}, {"nobody", "wrong"}, {"!", "wrong"}, {"", ""}, {"bob", good_password.data()}}) {
    auto const failure = run(test::failure_of(accounts.authenticate(name, secret, "192.0.2.1")));
    try {
      std::rethrow_exception(failure);
    } catch (Problem const& problem) {
      auto const says = std::string(problem.type().code) + problem.detail().en;
      if (said.empty()) said = says;
      EXPECT_EQ(says, said) << name;
      EXPECT_EQ(problem.status(), 401);
    }
  }
}

TEST_F(AccountsTest, ChecksNoMoreParallelGuessesThanItsLimit) {
  add_user("ana");
  settings.attempts_per_account = 5;
  auto const statuses = at_once(40, [this]() -> Task<int> {
    co_await accounts.authenticate("ana", "wrong", "192.0.2.1");
    co_return 0;
  });
  EXPECT_EQ(std::ranges::count(statuses, 401), 5);
  EXPECT_EQ(std::ranges::count(statuses, 429), 35);
  EXPECT_EQ(login("ana"), 429) << "even the right one, until the window ends";
  EXPECT_EQ(login("ANA"), 429);
  clock.advance(settings.attempt_window);
  EXPECT_EQ(login("ana"), 0);
}

TEST_F(AccountsTest, SaysWhenToComeBack) {
  settings.attempts_per_account = 0;
  clock.advance(1s);
  login("ana");
  clock.advance(60500ms);
  try {
    std::rethrow_exception(run(test::failure_of(accounts.authenticate("ana", "x", "192.0.2.1"))));
  } catch (Problem const& problem) {
    EXPECT_EQ(problem.headers(), (std::vector<std::pair<std::string, std::string>>{{"Retry-After", "240"}}));
  }
}

TEST_F(AccountsTest, CountsOnlyFailures) {
  add_user("ana");
  settings.attempts_per_account = 2;
  settings.attempts_per_address = 2;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(login("ana"), 0);
  EXPECT_EQ(login("ana", "wrong"), 401);
  EXPECT_EQ(login("ana"), 0) << "a success does not forgive, it only gives its own count back";
  EXPECT_EQ(login("ana", "wrong"), 401);
  EXPECT_EQ(login("ana"), 429);
}

TEST_F(AccountsTest, LimitsAnAddressOverAllNames) {
  settings.attempts_per_address = 3;
  for (auto const* name : {"ana", "eva", "!"}) EXPECT_EQ(login(name, "wrong"), 401);
  EXPECT_EQ(login("joe", "wrong"), 429);
  EXPECT_EQ(login("joe", "wrong", "192.0.2.2"), 401);
}

TEST_F(AccountsTest, AnAddressOverItsLimitLeavesTheAccountsAlone) {
  add_user("ana");
  settings.attempts_per_address = 1;
  settings.attempts_per_account = 2;
  EXPECT_EQ(login("eva", "wrong"), 401);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(login("ana", "wrong"), 429);
  EXPECT_EQ(login("ana", good_password, "192.0.2.2"), 0) << "what was not checked is no guess at her password";
}

TEST(AddressGroup, IsTheNetworkOfOneCustomer) {
  EXPECT_EQ(address_group("192.0.2.1"), "192.0.2.1");
  auto const same = [](std::string_view a, std::string_view b) { return address_group(a) == address_group(b); };
  EXPECT_TRUE(same("2001:db8:1:2::1", "2001:db8:1:2:ffff:1:2:3"));
  EXPECT_FALSE(same("2001:db8:1:2::1", "2001:db8:1:3::1"));
  EXPECT_TRUE(same("2001:db8:0:5::1", "2001:db8:0:5:1:2:3:4"));
  EXPECT_TRUE(same("2001:0:0:5::1", "2001::5:1:2:3:4")) << "however its zeros are written";
  EXPECT_FALSE(same("2001:0:0:5::1", "2001:0:0:6::1"));
  EXPECT_TRUE(same("fe80::1%eth0", "fe80::2%eth1"));
  EXPECT_FALSE(same("::1", "1::1"));
}

TEST_F(AccountsTest, HashesAnewWhatWasHashedWeaker) {
  auto const user = add_user("ana");
  run(account_store.set_password_hash(user.id, crypto::hash_password("hunter2hunter2", {.memory_kib = 64, .passes = 1}),
                                      clock.now()));
  EXPECT_EQ(login("ana", "hunter2hunter2"), 0);
  auto const stored = run(account_store.find_credentials("ana"))->password_hash;
  EXPECT_NE(stored.find("m=19456"), std::string::npos) << stored;
  EXPECT_EQ(login("ana", "hunter2hunter2"), 0);
  EXPECT_EQ(run(accounts.find(user.id)).id, user.id);
}

TEST_F(AccountsTest, SaysWhoIsNotThere) {
  EXPECT_EQ(status(accounts.find(Id<User>::make(clock.now()))), 404);
  EXPECT_EQ(status(accounts.set_role(username("nobody"), Role::admin)), 404);
  EXPECT_EQ(status(accounts.set_disabled(username("nobody"), true)), 404);
  add_user("ana");
  run(accounts.set_role(username("ana"), Role::admin));
  EXPECT_EQ(run(accounts.list()).front().role, Role::admin);
  EXPECT_FALSE(run(accounts.list()).front().disabled);
  run(accounts.set_disabled(username("ana"), true));
  EXPECT_TRUE(run(accounts.list()).front().disabled);
}

}  // namespace
}  // namespace balcao::auth
