#include "auth_fixture.hpp"
#include "platform/crypto/hash.hpp"

namespace balcao::auth {
namespace {

using namespace std::chrono_literals;

std::vector<Scope> scopes(std::initializer_list<std::string_view> names) {
  std::vector<Scope> all;
  for (auto const name : names) all.push_back(Scope::parse(name).value());
  return all;
}

class ServiceAccountsTest : public test::AuthTest {
 protected:
  WithSecret make(std::string_view name = "robot", std::vector<Scope> granted = scopes({"products:write"})) {
    return run(service_accounts.create(username(name), std::move(granted), administrator));
  }
  bool is_let_in(WithSecret const& made) { return is_let_in(made.account.id.str(), made.secret); }
  bool is_let_in(std::string id, std::string secret, std::string address = "192.0.2.1") {
    return run(service_accounts.authenticate(std::move(id), std::move(secret), {std::move(address), ""})).has_value();
  }

  Actor const administrator{Id<User>::make(clock.now()), {"192.0.2.9", "a browser"}};
};

TEST(Scope, IsOneOfThoseThatThereAre) {
  EXPECT_TRUE(Scope::parse("products:write"));
  for (auto const* bad : {"", "products", "products:write ", "Products:write", "*", "products:write payments:read"}) {
    EXPECT_FALSE(Scope::parse(bad)) << bad;
  }
  EXPECT_EQ(join(scopes({"users:read", "payments:read", "users:read"})), "payments:read users:read");
  EXPECT_EQ(split_scope("payments:read users:read"), (std::vector<std::string>{"payments:read", "users:read"}));
}

TEST(Scope, IsNarrowedToWhatIsAskedFor) {
  constexpr auto granted = "payments:read users:read";
  EXPECT_EQ(narrow(granted, "users:read"), "users:read");
  EXPECT_EQ(narrow(granted, "users:read payments:read users:read"), "payments:read users:read");
  for (auto const* bad : {"products:write", "users:read products:write", "users", "users:read  payments:read", " ",
                          "users:read ", " users:read", "users:read\tpayments:read"}) {
    EXPECT_EQ(narrow(granted, bad), std::nullopt) << '"' << bad << '"';
  }
  EXPECT_EQ(narrow("", "users:read"), std::nullopt);
}

TEST_F(ServiceAccountsTest, AreUsersThatNoPasswordFits) {
  auto const made = make();
  EXPECT_EQ(made.secret.size(), 43U);
  EXPECT_EQ(count("SELECT count(*) FROM auth.users WHERE password_hash = '' AND role = 'user'"), 1);
  db::Statement const search{"search", "SELECT count(*) FROM auth.service_accounts WHERE secret_hash = $1"};
  EXPECT_EQ(run(database->query(search, db::Bytes{made.secret})).front().get<std::int64_t>(0), 0);
  EXPECT_EQ(run(database->query(search, db::Bytes{crypto::sha256(made.secret)})).front().get<std::int64_t>(0), 1);
}

TEST_F(ServiceAccountsTest, ShareTheNamesOfUsers) {
  add_user("ana");
  EXPECT_EQ(status(service_accounts.create(username("ana"), {}, administrator)), 409);
  make("robot");
  EXPECT_EQ(status(service_accounts.create(username("Robot"), {}, administrator)), 409);
  EXPECT_EQ(count("SELECT count(*) FROM auth.service_accounts"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE event = 'service_account_made'"), 1)
      << "what was not done is not written down";
}

TEST_F(ServiceAccountsTest, AreLetInWithTheirSecretAlone) {
  auto const robot = make("robot");
  auto const other = make("other");
  auto const id = robot.account.id.str();
  EXPECT_TRUE(is_let_in(robot));
  EXPECT_FALSE(is_let_in(id, other.secret));
  EXPECT_FALSE(is_let_in(id, ""));
  EXPECT_FALSE(is_let_in(id, robot.secret + "x"));
  EXPECT_FALSE(is_let_in(id, std::string(32, '\0')));
  EXPECT_FALSE(is_let_in("robot", robot.secret)) << "the name is no client_id";
  EXPECT_FALSE(is_let_in(add_user("ana").id.str(), std::string(good_password))) << "a user is no client";
  EXPECT_FALSE(is_let_in(Id<User>::make(clock.now()).str(), ""));
}

TEST_F(ServiceAccountsTest, AreRefusedWhileShutOut) {
  auto const robot = make();
  set_disabled(robot.account, true);
  EXPECT_FALSE(is_let_in(robot));
  set_disabled(robot.account, false);
  EXPECT_TRUE(is_let_in(robot));
}

TEST_F(ServiceAccountsTest, CheckNoMoreParallelGuessesThanTheirLimit) {
  settings.attempts_per_account = 5;
  auto const robot = make();
  auto const statuses = at_once(40, [&]() -> Task<int> {
    auto const found = co_await service_accounts.authenticate(robot.account.id.str(), "wrong", {"192.0.2.1", ""});
    co_return found ? 200 : 401;
  });
  EXPECT_EQ(std::ranges::count(statuses, 401), 5);
  EXPECT_EQ(std::ranges::count(statuses, 429), 35);
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE event = 'service_account_refused'"), 5);
  EXPECT_TRUE(is_let_in(robot.account.id.str(), robot.secret, "192.0.2.2")) << "elsewhere it is not shut out";
  clock.advance(settings.attempt_window);
  EXPECT_TRUE(is_let_in(robot));
}

TEST_F(ServiceAccountsTest, LimitAnAddressOverAllClients) {
  settings.attempts_per_address = 3;
  auto const robot = make();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(is_let_in("client-" + std::to_string(i), "wrong"));
  EXPECT_EQ(status(service_accounts.authenticate(robot.account.id.str(), robot.secret, {"192.0.2.1", ""})), 429);
  EXPECT_TRUE(is_let_in(robot.account.id.str(), robot.secret, "192.0.2.2"));
}

TEST_F(ServiceAccountsTest, CountOnlyFailures) {
  settings.attempts_per_account = settings.attempts_per_address = 2;
  auto const robot = make();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(is_let_in(robot));
}

TEST_F(ServiceAccountsTest, ANewSecretReplacesTheOldAndItsTokens) {
  auto const robot = make();
  auto const token = run(client_tokens.grant(state_of(robot.account), {}, {"192.0.2.1", ""})).value();
  clock.advance(1h);
  auto const again = run(client_tokens.grant(state_of(robot.account), {}, {"192.0.2.1", ""})).value();
  auto const changed = run(service_accounts.new_secret(robot.account.id, administrator));
  EXPECT_EQ(changed.account.secret_changed_at, clock.now());
  EXPECT_FALSE(is_let_in(robot));
  EXPECT_TRUE(is_let_in(changed));
  EXPECT_FALSE(run(client_tokens.introspect(again.access_token)));
  EXPECT_TRUE(revocations.contains(session_of(again.access_token).uuid));
  EXPECT_EQ(status(service_accounts.new_secret(add_user("ana").id, administrator)), 404) << "a user has no secret";
}

TEST_F(ServiceAccountsTest, OtherScopesHoldAtOnce) {
  auto const robot = make("robot", scopes({"products:write", "payments:read"}));
  auto const token = run(client_tokens.grant(state_of(robot.account), {}, {"192.0.2.1", ""})).value();
  auto const narrower = run(service_accounts.set_scopes(robot.account.id, scopes({"payments:read"}), administrator));
  EXPECT_EQ(narrower.scope, "payments:read");
  EXPECT_FALSE(run(client_tokens.introspect(token.access_token)));
  EXPECT_EQ(status(service_accounts.set_scopes(Id<User>::make(clock.now()), {}, administrator)), 404);
}

TEST_F(ServiceAccountsTest, WriteDownWhoDidWhat) {
  auto const robot = make();
  run(service_accounts.set_scopes(robot.account.id, {}, administrator));
  run(service_accounts.new_secret(robot.account.id, administrator));
  is_let_in(robot);
  auto const entries = run(audit.list({.user = robot.account.id}, {}, 10));
  std::vector<std::string> names;
  for (auto const& entry : entries) {
    names.push_back(entry.event);
    EXPECT_EQ(entry.details.find(robot.secret), std::string::npos);
  }
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"service_account_changed", "service_account_made",
                                             "service_account_refused", "service_account_secret_changed"}));
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE actor_id IS NOT NULL AND address = '192.0.2.9'"), 3);
}

TEST_F(ServiceAccountsTest, HaveScopesAndNoRole) {
  auto const robot = make();
  EXPECT_EQ(run(accounts.find(robot.account.id)).role, Role::service);
  for (auto const role : {Role::admin, Role::user}) {
    EXPECT_EQ(status(administration.set_role(administrator, robot.account.id, role)), 422);
  }
}

TEST_F(ServiceAccountsTest, CannotLogIn) {
  auto const robot = make();
  for (auto const& secret : {std::string(), robot.secret}) EXPECT_EQ(login("robot", secret), 401);
}

TEST_F(ServiceAccountsTest, AreListedPageByPage) {
  for (auto const* name : {"one", "two", "three"}) {
    clock.advance(1ms);
    make(name);
  }
  auto const first = run(service_accounts.list({}, 2));
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first.front().name, "one");
  auto const rest = run(service_accounts.list(first.back().id, 2));
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest.front().name, "three");
  EXPECT_EQ(run(service_accounts.find(rest.front().id)).scope, "products:write");
}

}  // namespace
}  // namespace balcao::auth
