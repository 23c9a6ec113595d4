#include "auth_fixture.hpp"
#include "platform/crypto/password.hpp"

namespace balcao::auth {
namespace {

using namespace std::chrono_literals;

class LoginTest : public test::AuthTest {
 protected:
  void store_hash(User const& user, std::string hash) {
    auto const now = run(account_store.find_credentials(user.username)).value().password_hash;
    ASSERT_TRUE(run(account_store.replace_password_hash(user.id, now, std::move(hash), clock.now())));
  }

  std::string stored_hash(std::string_view name) {
    return run(account_store.find_credentials(std::string(name))).value().password_hash;
  }

  static inline Origin const elsewhere{"203.0.113.9", "a browser"};
};

TEST_F(LoginTest, NeverCutsAPassword) {
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

TEST_F(LoginTest, SaysTheSameForEveryWrongLogin) {
  add_user("ana");
  set_disabled(add_user("bob"), true);
  std::string said;
  for (auto const& [name, secret] :
       {std::pair{"ana", "wrong"}, {"nobody", "wrong"}, {"!", "wrong"}, {"", ""}, {"bob", good_password.data()}}) {
    auto const failure = run(test::failure_of(login_rules.log_in(name, secret, here)));
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

TEST_F(LoginTest, ChecksNoMoreParallelGuessesThanItsLimit) {
  add_user("ana");
  settings.attempts_per_account = 5;
  auto const statuses = at_once(40, [this]() -> Task<int> {
    co_await login_rules.log_in("ana", "wrong", here);
    co_return 0;
  });
  EXPECT_EQ(std::ranges::count(statuses, 401), 5);
  EXPECT_EQ(std::ranges::count(statuses, 429), 35);
  EXPECT_EQ(login("ana"), 429) << "even the right one, until the window ends";
  EXPECT_EQ(login("ANA"), 429);
  clock.advance(settings.attempt_window);
  EXPECT_EQ(login("ana"), 0);
}

TEST_F(LoginTest, SaysWhenToComeBack) {
  settings.attempts_per_account = 0;
  clock.advance(1s);
  login("ana");
  clock.advance(60500ms);
  try {
    std::rethrow_exception(run(test::failure_of(login_rules.log_in("ana", "x", here))));
  } catch (Problem const& problem) {
    using Headers = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(problem.headers(), (Headers{{"Retry-After", "240"},
                                          {"RateLimit-Policy", R"("account";q=0;w=300, "address";q=100;w=300)"},
                                          {"RateLimit", R"("account";r=0;t=240, "address";r=98;t=240)"}}));
  }
}

TEST_F(LoginTest, CountsOnlyFailures) {
  add_user("ana");
  settings.attempts_per_account = 2;
  settings.attempts_per_address = 2;
  for (int i = 0; i < 4; ++i) EXPECT_EQ(login("ana"), 0);
  EXPECT_EQ(login("ana", "wrong"), 401);
  EXPECT_EQ(login("ana"), 0) << "a success does not forgive, it only gives its own count back";
  EXPECT_EQ(login("ana", "wrong"), 401);
  EXPECT_EQ(login("ana"), 429);
}

TEST_F(LoginTest, LimitsAnAddressOverAllNames) {
  settings.attempts_per_address = 3;
  for (auto const* name : {"ana", "eva", "!"}) EXPECT_EQ(login(name, "wrong"), 401);
  EXPECT_EQ(login("joe", "wrong"), 429);
  EXPECT_EQ(login("joe", "wrong", Origin{"192.0.2.2", "a browser"}), 401);
}

TEST_F(LoginTest, AnAddressOverItsLimitLeavesTheAccountsAlone) {
  add_user("ana");
  settings.attempts_per_address = 1;
  settings.attempts_per_account = 2;
  EXPECT_EQ(login("eva", "wrong"), 401);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(login("ana", "wrong"), 429);
  EXPECT_EQ(login("ana", good_password, Origin{"192.0.2.2", "a browser"}), 0)
      << "what was not checked is no guess at her password";
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

TEST_F(LoginTest, HashesAnewWhatWasHashedWeaker) {
  auto const user = add_user("ana");
  store_hash(user, crypto::hash_password("hunter2hunter2", {.memory_kib = 64, .passes = 1}));
  EXPECT_EQ(login("ana", "hunter2hunter2"), 0);
  auto const stored = run(account_store.find_credentials("ana"))->password_hash;
  EXPECT_NE(stored.find("m=19456"), std::string::npos) << stored;
  EXPECT_EQ(login("ana", "hunter2hunter2"), 0);
  EXPECT_EQ(run(accounts.find(user.id)).id, user.id);
}

TEST_F(LoginTest, LeavesALockedAccountOpenToADeviceThatItsOwnerHasUsed) {
  add_user("ana");
  settings.attempts_per_account = 3;
  EXPECT_EQ(login("ana"), 0);
  for (int i = 0; i < 10; ++i) login("ana", "wrong", elsewhere);
  EXPECT_EQ(login("ana", good_password, elsewhere), 429);
  EXPECT_EQ(login("ana"), 0) << "the owner enters from where he was before";
  EXPECT_EQ(login("ana", good_password, {"192.0.2.1", "another browser"}), 429);
  EXPECT_EQ(login("ana", good_password, {"192.0.2.2", "a browser"}), 429);
  clock.advance(settings.attempt_window);
  EXPECT_EQ(login("ana", good_password, elsewhere), 0);
}

TEST_F(LoginTest, LimitsAKnownDeviceToo) {
  add_user("ana");
  settings.attempts_per_account = 3;
  EXPECT_EQ(login("ana"), 0);
  auto const statuses = at_once(40, [this]() -> Task<int> {
    co_await login_rules.log_in("ana", "wrong", here);
    co_return 0;
  });
  EXPECT_EQ(std::ranges::count(statuses, 401), 3) << "no more than anyone may guess";
  EXPECT_EQ(login("ana"), 429);
}

TEST_F(LoginTest, LetsNoGuessThroughBetweenTwoCounters) {
  settings.attempts_per_account = 3;
  // As when the account's and the device's counts arrive in another order: each alone would let one more in.
  EXPECT_EQ(login("ana", "wrong"), 401);
  run(shared->count("login:account:ana", -1, settings.attempt_window));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(login("ana", "wrong"), 401);
  EXPECT_EQ(login("ana", "wrong"), 429);
}

TEST_F(LoginTest, ForgetsADeviceAfterAWhile) {
  add_user("ana");
  settings.attempts_per_account = 1;
  EXPECT_EQ(login("ana"), 0);
  clock.advance(device_memory + 1s);
  for (int i = 0; i < 2; ++i) login("ana", "wrong", elsewhere);
  EXPECT_EQ(login("ana"), 429);
}

TEST_F(LoginTest, IsNoGuessWhereNothingWasChecked) {
  add_user("ana");
  settings.attempts_per_account = 2;
  Workers busy(1, 0);
  Passwords overloaded_passwords(busy, {});
  Login overloaded_login({account_store, overloaded_passwords, attempts, factors, sessions, audit, clock});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(status(overloaded_login.log_in("ana", "wrong", here)), 503);
  EXPECT_EQ(login("ana"), 0);
}

TEST_F(LoginTest, TakesHashesOfOtherSystemsAndMakesThemOurs) {
  auto const user = add_user("ana");
  // PBKDF2 as Django has it, of good_password with 1000 iterations.
  store_hash(user, "pbkdf2_sha256$1000$saltsaltsalt$0GJpaZGgYaHCyRJTsNAeSKJxqACNXdtn+XtuVL25JaU=");
  EXPECT_EQ(login("ana", "wrong"), 401);
  EXPECT_EQ(login("ana"), 0);
  EXPECT_TRUE(stored_hash("ana").starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << stored_hash("ana");
  EXPECT_EQ(login("ana"), 0);
}

TEST_F(LoginTest, WritesDownWhoCameInAndWhoDidNot) {
  auto const user = add_user("ana");
  login("ana", "wrong");
  login("nobody-here", "wrong");
  login("ana");
  settings.attempts_per_account = 0;
  for (int i = 0; i < 3; ++i) login("nobody-here", "wrong", elsewhere);
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE event = 'login_failed'"), 2);
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE event = 'login_failed' AND user_id IS NULL"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE event = 'logged_in' AND user_id = actor_id"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE details LIKE '%nobody%'"), 0) << "no name that was typed";
}

}  // namespace
}  // namespace balcao::auth
