#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <future>

#include "auth_fixture.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/crypto/totp.hpp"

namespace balcao::auth {
namespace {

using namespace std::chrono_literals;

/// A database that cannot execute the statements whose names begin with `refused`.
class Interrupted final : public db::Database {
 public:
  explicit Interrupted(db::Database& behind) : behind_(behind) {}
  Task<std::vector<db::Rows>> batch(std::vector<db::Call> calls) override {
    for (auto const& call : calls) look_at(call);
    co_return co_await behind_.batch(std::move(calls));
  }
  Task<> execute_script(std::string) override { throw std::logic_error("not used"); }
  std::string_view engine() const override { return behind_.engine(); }
  Task<> ping() override { return behind_.ping(); }

  std::optional<std::string> refused = "auth.";

 private:
  void look_at(db::Call const& call) const {
    if (refused && call.statement->name.starts_with(*refused)) throw overloaded("away", "");
  }
  Task<db::Rows> run(db::Call call) override {
    look_at(call);
    co_return co_await behind_.query(std::move(call));
  }
  Task<std::unique_ptr<db::Transaction>> begin() override { throw std::logic_error("not used"); }
  Task<> commit(std::unique_ptr<db::Transaction>) override { throw std::logic_error("not used"); }

  db::Database& behind_;
};

class LimitsTest : public test::AuthTest {
 protected:
  int register_from(std::string address, std::string_view secret = good_password) {
    auto const name = username("user-" + std::to_string(++names));
    return status(registrations.register_user(name, password(secret), {std::move(address), "a browser"}));
  }
  int guess_from(std::string address, std::string name = "nobody-here") {
    return login(std::move(name), "wrong", {std::move(address), "a browser"});
  }
  static std::string in_48(int number) {
    auto const text = std::to_string(number);
    return "2001:db8:1:" + text + "::1";
  }
  /// One for each /56.
  static std::string in_56(int number) { return in_48(number * 100); }

  std::int64_t open_sessions(User const& user) {
    return count("SELECT count(*) FROM auth.sessions WHERE ended_at IS NULL AND user_id = '" + user.id.str() + "'");
  }

  int names = 0;
};

TEST_F(LimitsTest, RegistrationsOfAnAddressAreLimited) {
  settings.registrations_per_address = 2;
  EXPECT_EQ(register_from("192.0.2.1"), 0);
  EXPECT_EQ(register_from("192.0.2.1"), 0);
  EXPECT_EQ(register_from("192.0.2.1"), 429);
  EXPECT_EQ(register_from("::ffff:192.0.2.1"), 429) << "the same address as IPv6 writes it";
  EXPECT_EQ(register_from("192.0.2.2"), 0);
  clock.advance(registration_window);
  EXPECT_EQ(register_from("192.0.2.1"), 0);
}

TEST_F(LimitsTest, ParallelRegistrationsDoNotSlipPast) {
  settings.registrations_per_address = 3;
  auto const statuses = at_once(12, [this]() -> Task<int> {
    auto const name = username("user-" + std::to_string(++names));
    co_await registrations.register_user(name, password(good_password), here);
    co_return 0;
  });
  EXPECT_EQ(std::ranges::count(statuses, 0), 3);
  EXPECT_EQ(std::ranges::count(statuses, 429), 9);
}

TEST_F(LimitsTest, ARegistrationThatIsRefusedForItsPasswordDoesNotCount) {
  settings.registrations_per_address = 1;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(register_from("192.0.2.1", "short"), 422);
  EXPECT_EQ(register_from("192.0.2.1"), 0);
}

TEST_F(LimitsTest, ANameThatIsTakenCounts) {
  settings.registrations_per_address = 2;
  add_user("ana");
  auto const again = [this] {
    return status(registrations.register_user(username("ana"), password(good_password), here));
  };
  EXPECT_EQ(again(), 409);
  EXPECT_EQ(again(), 409);
  EXPECT_EQ(again(), 429);
}

TEST_F(LimitsTest, GuessesOfAnIpv6NetworkAreLimitedAtEachSize) {
  settings.attempts_per_address = 1;
  settings.attempts_per_account = 1000;
  for (int i = 1; i <= 4; ++i) EXPECT_EQ(guess_from(in_48(i)), 401);
  EXPECT_EQ(guess_from(in_48(1)), 429) << "the /64";
  EXPECT_EQ(guess_from(in_48(5)), 429) << "the /56";
  for (int i = 1; i <= 12; ++i) EXPECT_EQ(guess_from(in_56(i)), 401) << i;
  EXPECT_EQ(guess_from(in_56(13)), 429) << "the /48";
  EXPECT_EQ(guess_from("2001:db8:2:1::1"), 401);
}

TEST_F(LimitsTest, AnAddressOverItsLimitLeavesItsNeighboursAlone) {
  settings.attempts_per_address = 2;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(guess_from(in_48(1)), 401);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(guess_from(in_48(1)), 429);
  EXPECT_EQ(guess_from(in_48(2)), 401);
}

TEST_F(LimitsTest, NeighboursGuessesDoNotShutAKnownDeviceOut) {
  Origin const home{"2001:db8:1:ff::1", "a browser"};
  add_user("ana");
  EXPECT_EQ(login("ana", good_password, home), 0);
  settings.attempts_per_address = 1;
  settings.attempts_per_account = 2;
  for (int i = 1; i <= 30; ++i) guess_from(in_56(i), "ana");
  EXPECT_EQ(login("ana", good_password, {in_56(31), "a browser"}), 429);
  EXPECT_EQ(login("ana", good_password, home), 0);
  // Of those many, each as good as unknown, only what was checked has counted against the account.
  for (int i = 0; i < 3; ++i) login("ana", "wrong", home);
  EXPECT_EQ(login("ana", good_password, home), 429) << "the known device has its own limit there too";
}

/// One worker that does nothing until it is released, and one place, which somebody's guess has taken.
struct BusyWorkers {
  Workers workers{1, 1};
  std::promise<void> release;
  std::atomic<bool> begun = false;
  std::atomic<int> finished = 0;

  Task<> occupy() {
    co_await workers.run([this] {
      begun = true;
      release.get_future().wait();
    });
    ++finished;
  }
  Task<> guess() {
    co_await workers.run({WorkShare::Urgency::normal, "somebody", {}}, [] {});
    ++finished;
  }
};

Task<> log_in_beside_guesses(BusyWorkers& busy, Login& logins, Origin known, Origin unknown, std::string secret) {
  auto const loop = co_await boost::asio::this_coro::executor;
  auto const spawn = [&loop](Task<> task) { boost::asio::co_spawn(loop, std::move(task), boost::asio::detached); };
  spawn(busy.occupy());
  co_await balcao::test::until([&] { return busy.begun.load(); });
  spawn(busy.guess());
  co_await pause(std::chrono::milliseconds(1));  // it has been started by then
  EXPECT_EQ(test::status_of(co_await test::failure_of(logins.log_in("ana", secret, unknown))), 503);

  std::optional<int> outcome;
  auto const log_in = [](Login& rules, Origin origin, std::string word, std::optional<int>& status) -> Task<> {
    status = test::status_of(co_await test::failure_of(rules.log_in("ana", std::move(word), std::move(origin))));
  };
  spawn(log_in(logins, known, secret, outcome));
  co_await pause(std::chrono::milliseconds(50));  // the more it has got to its place, the more this shows
  busy.release.set_value();
  co_await balcao::test::until([&] { return outcome && busy.finished == 2; });
  EXPECT_EQ(outcome, 0);
}

TEST_F(LimitsTest, AKnownDeviceHasAPlaceWhereOthersGuessesHaveTakenAll) {
  open_session(add_user("ana"));
  BusyWorkers busy;
  Passwords busy_passwords(busy.workers, {});
  Login busy_login({account_store, busy_passwords, attempts, factors, sessions, audit, clock});
  run(log_in_beside_guesses(busy, busy_login, here, {"192.0.2.9", "a browser"}, std::string(good_password)));
}

TEST_F(LimitsTest, OneMoreSessionEndsTheLeastRecentlyUsed) {
  settings.sessions_per_user = 3;
  auto const user = add_user("ana");
  auto const other = open_session(add_user("eva"));
  std::vector<Tokens> tokens;
  for (int i = 0; i < 3; ++i) {
    clock.advance(1s);
    tokens.push_back(open_session(user));
  }
  clock.advance(1s);
  tokens[0] = run(sessions.refresh(tokens[0].refresh_token, here));
  clock.advance(1s);
  tokens.push_back(open_session(user));
  EXPECT_EQ(open_sessions(user), 3);
  EXPECT_TRUE(revocations.contains(tokens[1].session.uuid)) << "the first has been used since";
  EXPECT_FALSE(revocations.contains(tokens[0].session.uuid));
  EXPECT_FALSE(revocations.contains(tokens[3].session.uuid));
  EXPECT_FALSE(revocations.contains(other.session.uuid));
  EXPECT_EQ(status(sessions.refresh(tokens[1].refresh_token, here)), 401);
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE event = 'session_limit_reached'"), 1);
  EXPECT_EQ(count("SELECT count(*) FROM auth.sessions WHERE end_reason = 'session_limit_reached'"), 1);
}

TEST_F(LimitsTest, ParallelLoginsLeaveNoMoreSessionsThanTheLimit) {
  settings.sessions_per_user = 5;
  auto const user = add_user("ana");
  settings.attempts_per_account = 100;
  auto const statuses = at_once(20, [this]() -> Task<int> {
    co_await login_rules.log_in("ana", std::string(good_password), here);
    co_return 0;
  });
  EXPECT_EQ(std::ranges::count(statuses, 0), 20);
  EXPECT_EQ(open_sessions(user), 5);
}

TEST_F(LimitsTest, ALowerLimitEndsAllThatAreTooMany) {
  auto const user = add_user("ana");
  for (int i = 0; i < 10; ++i) open_session(user);
  settings.sessions_per_user = 1;
  auto const last = open_session(user);
  EXPECT_EQ(open_sessions(user), 1);
  EXPECT_FALSE(revocations.contains(last.session.uuid)) << "although the clock stands still";
}

TEST_F(LimitsTest, AUserHasAHundredKnownDevices) {
  auto const user = add_user("ana");
  for (int i = 0; i < 102; ++i) {
    clock.advance(1s);
    open_session(user, {"192.0.2.1", "browser " + std::to_string(i)});
  }
  EXPECT_EQ(count("SELECT count(*) FROM auth.devices"), 100);
  auto const is_known = [this](std::string agent) {
    return run(account_store.find_login("ana", device_hash({"192.0.2.1", std::move(agent)}), Time{})).known_device;
  };
  EXPECT_FALSE(is_known("browser 1"));
  EXPECT_TRUE(is_known("browser 2"));
  EXPECT_TRUE(is_known("browser 101"));
}

TEST_F(LimitsTest, AProgramIsGrantedSoManyTokensWithinTheirLife) {
  settings.tokens_per_client = 3;
  auto const made = run(service_accounts.create(username("program"), {}, Actor::command_line()));
  auto const other = run(service_accounts.create(username("another"), {}, Actor::command_line()));
  auto const grant = [this](WithSecret const& program) {
    return status(client_tokens.grant(state_of(program.account), {}, here));
  };
  for (int i = 0; i < 3; ++i) EXPECT_EQ(grant(made), 0);
  EXPECT_EQ(grant(made), 429);
  EXPECT_EQ(grant(other), 0);
  EXPECT_EQ(count("SELECT count(*) FROM auth.sessions WHERE ended_at IS NULL"), 4) << "none is ended for that";
  clock.advance(settings.access_token_life);
  EXPECT_EQ(grant(made), 0);
}

TEST_F(LimitsTest, LoginsWhileTheDatabaseIsAwayLockNobodyOut) {
  add_user();
  Interrupted interrupted(*database);
  AccountStore store(interrupted);
  Login rules({store, passwords, attempts, factors, sessions, audit, clock});
  auto const log_in = [&] { return status(rules.log_in("ana", std::string(good_password), here)); };
  for (int i = 0; i < 2 * settings.attempts_per_address; ++i) EXPECT_EQ(log_in(), 503);
  interrupted.refused.reset();
  EXPECT_EQ(log_in(), 0);
}

TEST_F(LimitsTest, AProgramThatTriesAgainWhileTheDatabaseIsAwayIsNotLockedOut) {
  settings.tokens_per_client = 3;
  auto const made = run(service_accounts.create(username("program"), {}, Actor::command_line()));
  auto const proven = state_of(made.account);
  Interrupted interrupted(*database);
  ClientStore store(interrupted);
  ServiceAccounts accounts_while_away({store, audit, endings, attempts, clock});
  ClientTokens tokens_while_away({store, session_store, audit, signer, verifier, endings, *shared, clock, settings});
  auto const authenticate = [&] {
    return status(accounts_while_away.authenticate(made.account.id.str(), made.secret, here));
  };
  auto const grant = [&] { return status(tokens_while_away.grant(proven, {}, here)); };
  for (int i = 0; i < 2 * settings.attempts_per_account; ++i) {
    EXPECT_EQ(authenticate(), 503);
    EXPECT_EQ(grant(), 503);
  }
  interrupted.refused.reset();
  EXPECT_EQ(authenticate(), 0);
  EXPECT_EQ(grant(), 0);
}

TEST_F(LimitsTest, CodesWhileTheDatabaseIsAwayLockNoSecondFactor) {
  auto const user = add_user();
  auto const secret = crypto::from_base32(run(factors.begin(user.id)).secret).value();
  auto const code = [&] {
    auto const step = std::chrono::floor<std::chrono::seconds>(clock.now().time_since_epoch()).count() / 30;
    return crypto::totp::code_at(secret, step);
  };
  run(factors.confirm(user.id, code(), {user.id, here}));
  clock.advance(30s);
  Interrupted interrupted(*database);
  interrupted.refused = "auth.second_factor_accept_step";
  SecondFactorStore store(interrupted);
  SecondFactors rules({store, account_store, audit, attempts, no_sealer, clock});
  auto const use = [&] { return status(rules.check(user.id, code(), {user.id, here})); };
  for (int i = 0; i < 2 * settings.attempts_per_account; ++i) EXPECT_EQ(use(), 503);
  interrupted.refused.reset();
  EXPECT_EQ(use(), 0);
}

}  // namespace
}  // namespace balcao::auth
