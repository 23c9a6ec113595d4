#include "auth/audit/audit.hpp"

#include "auth_fixture.hpp"

namespace balcao::auth {
namespace {

using namespace std::chrono_literals;

class AuditTest : public test::AuthTest {
 protected:
  std::vector<std::string> events(AuditFilter filter, std::optional<Id<AuditEntry>> after = {},
                                  std::size_t limit = 10) {
    std::vector<std::string> names;
    for (auto const& entry : run(audit.list(std::move(filter), after, limit))) names.push_back(entry.event);
    return names;
  }

  void record(Event event, Id<User> user) {
    run(audit.record(event, {user, {"192.0.2.1", "a browser"}}, user));
    clock.advance(1ms);
  }

  Id<User> const ana = Id<User>::make(clock.now());
  Id<User> const rui = Id<User>::make(clock.now() + 1ms);
};

TEST_F(AuditTest, TellsTheNewestFirstPageByPage) {
  record(Event::logged_in, ana);
  record(Event::password_changed, ana);
  record(Event::logged_in, rui);
  EXPECT_EQ(events({}), (std::vector<std::string>{"logged_in", "password_changed", "logged_in"}));
  EXPECT_EQ(events({.user = ana}), (std::vector<std::string>{"password_changed", "logged_in"}));
  EXPECT_EQ(events({.event = "logged_in"}).size(), 2U);
  EXPECT_EQ(events({.event = "logged_in", .user = ana}).size(), 1U);
  auto const first = run(audit.list({}, {}, 1)).front();
  EXPECT_EQ(first.user, rui);
  EXPECT_EQ(first.actor, rui);
  EXPECT_EQ(first.address, "192.0.2.1");
  EXPECT_EQ(first.user_agent, "a browser");
  EXPECT_EQ(events({}, first.id), (std::vector<std::string>{"password_changed", "logged_in"}));
}

TEST_F(AuditTest, CanOnlyGrow) {
  record(Event::logged_in, ana);
  EXPECT_THROW(count("UPDATE auth.audit SET event = 'nothing' RETURNING 1"), db::Error);
  EXPECT_THROW(count("DELETE FROM auth.audit RETURNING 1"), db::Error);
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE event = 'logged_in'"), 1);
}

TEST_F(AuditTest, KnowsEveryEventByName) {
  for (int i = 0; i <= static_cast<int>(Event::keys_rotated); ++i) {
    auto const event = static_cast<Event>(i);
    EXPECT_EQ(parse_event(to_string(event)), event) << i;
  }
}

}  // namespace
}  // namespace balcao::auth
