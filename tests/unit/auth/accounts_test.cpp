#include "auth_fixture.hpp"

namespace balcao::auth {
namespace {

class AccountsTest : public test::AuthTest {
 protected:
  int register_status(std::string_view name, std::string_view secret) {
    return status(accounts.register_user(username(name), password(secret), Role::user, here));
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

TEST_F(AccountsTest, SaysWhoIsNotThere) {
  auto const nobody = Id<User>::make(clock.now());
  EXPECT_EQ(status(accounts.find(nobody)), 404);
  EXPECT_EQ(status(administration.set_role(Actor::command_line(), nobody, Role::admin)), 404);
  EXPECT_EQ(status(administration.set_disabled(Actor::command_line(), nobody, true)), 404);
  EXPECT_EQ(status(accounts.erase(Actor::command_line(), nobody, {})), 404);
  EXPECT_EQ(status(administration.find(username("nobody"))), 404);
}

TEST_F(AccountsTest, ChangesAPasswordAndEndsTheOtherSessions) {
  auto const user = add_user();
  auto const mine = open_session(user);
  auto const other = open_session(user);
  auto const proven = run(login_rules.prove("ana", std::string(good_password), here));
  auto const change = [&](std::string_view to) {
    return status(accounts.change_password(proven, password(to), "/new_password", mine.session, here));
  };
  EXPECT_EQ(change("short"), 422);
  EXPECT_EQ(change("another-long-phrase-9"), 0);
  EXPECT_EQ(change("a-third-long-phrase-11"), 401) << "what was proven is the password no more";
  EXPECT_TRUE(revocations.contains(other.session.uuid));
  EXPECT_FALSE(revocations.contains(mine.session.uuid));
  EXPECT_EQ(status(sessions.refresh(other.refresh_token, here)), 401);
  EXPECT_EQ(status(sessions.refresh(mine.refresh_token, here)), 0);
  EXPECT_EQ(login("ana"), 401);
  EXPECT_EQ(login("ana", "another-long-phrase-9"), 0);
}

TEST_F(AccountsTest, ListsUsersPageByPage) {
  std::vector<User> users;
  for (auto const* name : {"ana", "bea", "cid"}) users.push_back(add_user(name));
  auto const first = run(administration.list({.limit = 2}));
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first.front().username, "cid");
  auto const second = run(administration.list({.after = first.back().id, .limit = 2}));
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second.front().username, "ana");
  EXPECT_EQ(run(administration.list({.username = "bea"})).front().id, users[1].id);
  run(accounts.erase({users[1].id, here}, users[1].id, {}));
  EXPECT_EQ(run(administration.list({.limit = 9})).size(), 2U);
  EXPECT_TRUE(run(administration.list({.username = "bea"})).empty());
}

TEST_F(AccountsTest, KeepsTheLastAdministrator) {
  auto const ana = add_user("ana");
  auto const bea = add_user("bea");
  auto const command_line = Actor::command_line();
  set_role(ana, Role::admin);
  for (auto const& attempt : {status(administration.set_role(command_line, ana.id, Role::user)),
                              status(administration.set_disabled(command_line, ana.id, true)),
                              status(accounts.erase({ana.id, here}, ana.id, {}))}) {
    EXPECT_EQ(attempt, 409);
  }
  set_role(bea, Role::admin);
  auto const statuses = at_once(2, [&, turn = 0]() mutable -> Task<int> {
    auto const& user = turn++ == 0 ? ana : bea;
    return status_task(administration.set_role(command_line, user.id, Role::user));
  });
  EXPECT_EQ(count("SELECT count(*) FROM auth.users WHERE role = 'admin'"), 1) << "of two at once, one stays";
}

TEST_F(AccountsTest, TakesAnAdministratorsSessionsWithHisRights) {
  auto const ana = add_user("ana");
  auto const bea = add_user("bea");
  set_role(ana, Role::admin);
  set_role(bea, Role::admin);
  auto const session = open_session(ana);
  set_role(ana, Role::admin);
  EXPECT_FALSE(revocations.contains(session.session.uuid)) << "nothing has changed";
  set_role(ana, Role::user);
  EXPECT_TRUE(revocations.contains(session.session.uuid));
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE event = 'role_changed'"), 3);
}

TEST_F(AccountsTest, LetTheFirstAdministratorInOnce) {
  auto const secret = run(setup.make_link()).value();
  EXPECT_TRUE(run(setup.is_open(secret)));
  EXPECT_FALSE(run(setup.is_open("another")));
  auto const use = [&](std::string_view name) {
    return status(setup.use(secret, username(name), password(good_password), here));
  };
  EXPECT_EQ(status(setup.use("another", username("eva"), password(good_password), here)), 403);
  auto const statuses = at_once(10, [&, turn = 0]() mutable -> Task<int> {
    return status_task(setup.use(secret, username("admin" + std::to_string(turn++)), password(good_password), here));
  });
  EXPECT_EQ(std::ranges::count(statuses, 0), 1);
  EXPECT_EQ(count("SELECT count(*) FROM auth.users WHERE role = 'admin'"), 1);
  EXPECT_EQ(use("late"), 403);
  EXPECT_FALSE(run(setup.make_link()));
  EXPECT_FALSE(run(setup.ensure_administrator(username("other"), password(good_password))));
}

TEST_F(AccountsTest, ASetupLinkIsOverAfterADay) {
  auto const secret = run(setup.make_link()).value();
  clock.advance(std::chrono::hours(24));
  EXPECT_FALSE(run(setup.is_open(secret)));
  EXPECT_TRUE(run(setup.is_open(run(setup.make_link()).value())));
  EXPECT_EQ(count("SELECT count(*) FROM auth.setup_links"), 1);
}

TEST_F(AccountsTest, MakesTheAdministratorOfTheSettingsWhereThereIsNone) {
  add_user("ana");
  EXPECT_EQ(status(setup.ensure_administrator(username("ana"), password(good_password))), 409)
      << "whoever registered that name first is no administrator for it";
  EXPECT_TRUE(run(setup.ensure_administrator(username("boss"), password(good_password))));
  EXPECT_FALSE(run(setup.ensure_administrator(username("boss"), password(good_password))));
  EXPECT_EQ(login("boss"), 0);
}

}  // namespace
}  // namespace balcao::auth
