#include "auth/auth.hpp"

#include "auth_fixture.hpp"

namespace balcao::auth {
namespace {

using namespace std::chrono_literals;

/// A Payments that notes for whom it is asked, and is away as often as it is told.
class NotingPayments final : public contracts::Payments {
 public:
  Task<> ensure_customer(contracts::NewUser user) override {
    if (times_away-- > 0) throw overloaded("away", "longe");
    users.push_back(std::move(user));
    co_return;
  }
  Task<> forget_user(Uuid user) override {
    forgotten.push_back(user);
    co_return;
  }
  Task<contracts::Account> account_of(Uuid, http::Trace) override { co_return contracts::Account{}; }

  // What Auth has no business with.
  Task<contracts::Settlement> pay_order(contracts::Bill, contracts::PayWith, std::optional<std::string>) override {
    throw std::logic_error("pay_order");
  }
  Task<contracts::Settlement> payment_of_order(Uuid) override { throw std::logic_error("payment_of_order"); }
  Task<contracts::Settlement> call_off(contracts::Bill) override { throw std::logic_error("call_off"); }
  Task<contracts::Settlement> refund_order(Uuid, Uuid) override { throw std::logic_error("refund_order"); }

  int times_away = 0;
  std::vector<contracts::NewUser> users;
  std::vector<Uuid> forgotten;
};

class ServiceTest : public test::AuthTest {
 protected:
  void run_jobs_until(std::function<bool()> condition) {
    auto const stop_then = [](std::function<bool()> wanted, jobs::Jobs& that) -> Task<> {
      auto const failure = co_await test::failure_of(balcao::test::until(std::move(wanted)));
      that.stop();
      if (failure) std::rethrow_exception(failure);
    };
    std::vector<Task<>> both;
    both.push_back(service.jobs().run());
    both.push_back(stop_then(std::move(condition), service.jobs()));
    for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
  }

  User register_user(std::string_view name) {
    return run(service.accounts().register_user(username(name), password(good_password), Role::user, here));
  }

  Tokens open(Service& with, User const& user) {
    return run(with.sessions().open(run(account_store.find_credentials(user.username)).value(), here)).value();
  }

  NotingPayments payments;
  Service service{{*database, *shared, workers, clock, revocations, payments},
                  settings,
                  {.jwt_secret = "a secret of at least thirty-two bytes"}};
};

TEST_F(ServiceTest, AsksPaymentsForTheCustomerOfWhoRegisters) {
  auto const user = register_user("ana");
  EXPECT_EQ(status(service.accounts().register_user(username("ana"), password(good_password), Role::user, here)), 409);
  EXPECT_EQ(count("SELECT count(*) FROM auth.jobs"), 1) << "a name that was taken leaves no job";
  run_jobs_until([&] { return !payments.users.empty(); });
  ASSERT_EQ(payments.users.size(), 1U);
  EXPECT_EQ(payments.users.front().id, user.id.uuid);
  EXPECT_EQ(payments.users.front().username, "ana");
}

TEST_F(ServiceTest, KeepsTheJobWhilePaymentsIsAway) {
  payments.times_away = 1;
  register_user("ana");
  run_jobs_until([&] { return payments.times_away == 0; });
  EXPECT_TRUE(payments.users.empty());
  EXPECT_EQ(count("SELECT count(*) FROM auth.jobs WHERE done_at IS NULL AND attempts = 1"), 1);
}

TEST_F(ServiceTest, TellsPaymentsOfAnErasure) {
  auto const user = register_user("ana");
  auto const session = open(service, user);
  run(service.accounts().erase({user.id, here}, user.id, {}));
  run_jobs_until([&] { return !payments.forgotten.empty(); });
  EXPECT_EQ(payments.forgotten.front(), user.id.uuid);
  EXPECT_TRUE(payments.users.empty()) << "no customer is made for him any more";
  EXPECT_FALSE(run(service.is_open(session.session.uuid, {})));
  EXPECT_EQ(status(service.accounts().find(user.id)), 404);
  EXPECT_EQ(count("SELECT count(*) FROM auth.users WHERE username = 'ana'"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM auth.users WHERE password_hash <> ''"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM auth.sessions WHERE address <> '' OR user_agent <> ''"), 0);
  EXPECT_EQ(count("SELECT count(*) FROM auth.devices"), 0);
  EXPECT_EQ(register_user("ana").username, "ana") << "the name is free again";
}

TEST_F(ServiceTest, TellsWhichSessionsHaveEndedWhileTheirTokensMayLive) {
  auto const user = register_user("ana");
  auto const first = open(service, user);
  auto const second = open(service, user);
  EXPECT_TRUE(run(service.ended_sessions({})).sessions.empty());
  EXPECT_TRUE(run(service.is_open(first.session.uuid, {})));

  run(service.sessions().close(first.access_token, here));
  auto const ended_at = clock.now();
  clock.advance(1min);
  run(service.administration().set_disabled(Actor::command_line(), user.id, true));
  auto const all = run(service.ended_sessions({}));
  ASSERT_EQ(all.sessions.size(), 2U);
  EXPECT_EQ(all.sessions.front().session, first.session.uuid);
  EXPECT_EQ(all.sessions.front().until, ended_at + settings.access_token_life);
  EXPECT_EQ(all.as_of, clock.now());
  EXPECT_FALSE(run(service.is_open(first.session.uuid, {})));
  EXPECT_FALSE(run(service.is_open(second.session.uuid, {})));
  EXPECT_FALSE(run(service.is_open(Uuid::make(clock.now()), {})));

  EXPECT_EQ(run(service.ended_sessions({clock.now()})).sessions.size(), 1U);
  clock.advance(settings.access_token_life);
  EXPECT_EQ(run(service.ended_sessions({})).sessions.size(), 1U) << "of the first no token lives any more";
}

TEST_F(ServiceTest, PublishesThePublicHalvesOfItsKeysOnly) {
  EXPECT_EQ(run(service.key_set()).keys, R"({"keys":[]})");
  EXPECT_EQ(run(service.key_set()).issuers, std::vector{settings.issuer});
  Service signing{{*database, *shared, workers, clock, revocations, payments}, settings, {}};
  run(signing.load());
  auto const user = register_user("ana");
  auto const tokens = open(signing, user);
  auto const set = run(signing.key_set());
  auto const known = jwt::parse_jwk_set(set.keys);
  ASSERT_EQ(known.size(), 1U);
  EXPECT_TRUE(known.front().private_bytes().empty());
  EXPECT_TRUE(jwt::Verifier(known, set.issuers, settings.audience).verify(tokens.access_token, clock.now()));
  EXPECT_EQ(run(signing.ended_sessions({})).keys, contracts::digest_of(set));
}

}  // namespace
}  // namespace balcao::auth
