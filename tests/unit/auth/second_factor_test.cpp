#include "auth/second_factor/second_factor.hpp"

#include <set>

#include "auth/second_factor/recovery_codes.hpp"
#include "auth_fixture.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/crypto/totp.hpp"

namespace balcao::auth {
namespace {

using namespace std::chrono_literals;
using enum SecondFactorOutcome;
namespace totp = crypto::totp;

class SecondFactorTest : public test::AuthTest {
 protected:
  /// What the app shows at this moment.
  std::string code_of(std::string const& base32) const {
    auto const step = std::chrono::floor<std::chrono::seconds>(clock.now().time_since_epoch()).count() / 30;
    return totp::code_at(crypto::from_base32(base32).value(), step);
  }

  /// What the app does not show, now or a step away.
  std::string wrong_code(std::string const& base32) const {
    auto const raw = crypto::from_base32(base32).value();
    for (int guess = 0;; ++guess) {
      auto text = std::to_string(1'000'000 + guess).substr(1);
      if (!totp::verify(raw, text, clock.now(), std::nullopt)) return text;
    }
  }

  void enrol() {
    secret = run(factors.begin(ana.id)).secret;
    recovery_codes = run(factors.confirm(ana.id, code_of(secret), actor));
    clock.advance(30s);
  }

  SecondFactorOutcome check(std::optional<std::string> code) {
    return run(factors.check(ana.id, std::move(code), actor));
  }

  std::size_t audited(Event event) {
    return run(audit.list({.event = std::string(to_string(event)), .user = ana.id}, {}, 100)).size();
  }

  bool is_in_the_database(std::string const& bytes) {
    static constexpr db::Statement sql{"secrets", "SELECT secret FROM auth.second_factors"};
    for (auto const& row : run(database->query(sql))) {
      if (row.get<db::Bytes>(0).data.contains(bytes)) return true;
    }
    return false;
  }

  /// How many of so many logins at once with one code pass.
  std::size_t passed_at_once(std::string const& code) {
    std::vector<SecondFactorOutcome> outcomes(8, not_enrolled);
    std::vector<Task<>> tasks;
    for (auto& outcome : outcomes) {
      tasks.push_back([](SecondFactorTest& self, std::string typed, SecondFactorOutcome& kept) -> Task<> {
        kept = co_await self.factors.check(self.ana.id, std::move(typed), self.actor);
      }(*this, code, outcome));
    }
    for (auto const& failure : run_together(std::move(tasks))) EXPECT_EQ(test::status_of(failure), 0);
    EXPECT_EQ(std::ranges::count(outcomes, passed) + std::ranges::count(outcomes, wrong), 8);
    return static_cast<std::size_t>(std::ranges::count(outcomes, passed));
  }

  SecondFactors sealing_with(std::optional<crypto::Sealer> const& sealer) {
    return SecondFactors({factor_store, account_store, audit, attempts, sealer, clock});
  }

  User ana = add_user("ana");
  Actor const actor{ana.id, here};
  std::string secret;
  std::vector<std::string> recovery_codes;
};

TEST(RecoveryCodes, AreTenThatNobodyMisreads) {
  auto const codes = recovery_codes::make();
  EXPECT_EQ(std::set(codes.begin(), codes.end()).size(), 10U);
  for (auto const& code : codes) {
    ASSERT_EQ(code.size(), 11U) << code;
    EXPECT_EQ(code[5], '-') << code;
    EXPECT_EQ(code.find_first_of("01lo"), std::string::npos) << code;
    EXPECT_TRUE(recovery_codes::parse(code));
  }
}

TEST(RecoveryCodes, AreTakenAsPeopleTypeThem) {
  EXPECT_EQ(recovery_codes::parse(" K7QPD 2m9xw"), "k7qpd2m9xw");
  for (auto const* const other : {"", "123456", "k7qpd-2m9x", "k7qpd-2m9xww", "k7qpd-2m9x0", "k7qpd_2m9xw"}) {
    EXPECT_FALSE(recovery_codes::parse(other)) << other;
  }
}

TEST_F(SecondFactorTest, IsAskedForOnceItIsConfirmed) {
  EXPECT_EQ(check({}), not_enrolled);
  auto const enrolment = run(factors.begin(ana.id));
  EXPECT_EQ(check({}), not_enrolled) << "begun is not confirmed";
  EXPECT_TRUE(enrolment.otpauth_uri.starts_with("otpauth://totp/Balc%C3%A3o:ana?secret=" + enrolment.secret));
  EXPECT_TRUE(enrolment.qr_code.starts_with("<svg"));
  EXPECT_EQ(status(factors.confirm(ana.id, wrong_code(enrolment.secret), actor)), 422);
  EXPECT_FALSE(run(factors.status(ana.id)).confirmed_at);

  EXPECT_EQ(run(factors.confirm(ana.id, code_of(enrolment.secret), actor)).size(), 10U);
  EXPECT_EQ(run(factors.status(ana.id)).confirmed_at, clock.now());
  EXPECT_EQ(run(factors.status(ana.id)).recovery_codes_left, 10);
  EXPECT_EQ(audited(Event::second_factor_enrolled), 1U);
  EXPECT_EQ(check({}), required);
  EXPECT_EQ(check(code_of(enrolment.secret)), wrong) << "the code that confirmed it has been used";
  EXPECT_EQ(audited(Event::second_factor_failed), 1U);
  clock.advance(30s);
  EXPECT_EQ(check(code_of(enrolment.secret)), passed);
}

TEST_F(SecondFactorTest, ReplacesWhatWasNotConfirmed) {
  EXPECT_EQ(status(factors.confirm(ana.id, "123456", actor)), 404);
  auto const first = run(factors.begin(ana.id)).secret;
  auto const second = run(factors.begin(ana.id)).secret;
  EXPECT_NE(first, second);
  EXPECT_EQ(status(factors.confirm(ana.id, code_of(first), actor)), 422);
  EXPECT_EQ(status(factors.confirm(ana.id, code_of(second), actor)), 0);
  EXPECT_EQ(status(factors.begin(ana.id)), 409);
  EXPECT_EQ(status(factors.confirm(ana.id, code_of(second), actor)), 409);
  EXPECT_EQ(status(factors.begin(Id<User>::make(clock.now()))), 404);
}

TEST_F(SecondFactorTest, IsConfirmedOnceHoweverManyTry) {
  secret = run(factors.begin(ana.id)).secret;
  auto const statuses = at_once(8, [this] { return status_task(factors.confirm(ana.id, code_of(secret), actor)); });
  EXPECT_EQ(std::ranges::count(statuses, 0), 1);
  EXPECT_EQ(run(factors.status(ana.id)).recovery_codes_left, 10);
  EXPECT_EQ(audited(Event::second_factor_enrolled), 1U);
}

TEST_F(SecondFactorTest, RefusesAReplayAlsoInParallel) {
  enrol();
  auto const code = code_of(secret);
  EXPECT_EQ(passed_at_once(code), 1U);
  EXPECT_EQ(check(code), wrong);
  clock.advance(30s);
  EXPECT_EQ(check(code), wrong) << "its step would still be taken, had it not been used";
  EXPECT_EQ(check(code_of(secret)), passed);
}

TEST_F(SecondFactorTest, TakesARecoveryCodeOnceAlsoInParallel) {
  enrol();
  EXPECT_EQ(passed_at_once(recovery_codes.front()), 1U);
  EXPECT_EQ(audited(Event::recovery_code_used), 1U);
  EXPECT_EQ(run(factors.status(ana.id)).recovery_codes_left, 9);
  EXPECT_EQ(check(recovery_codes.back()), passed);
  EXPECT_EQ(check("aaaaa-aaaaa"), wrong);
}

TEST_F(SecondFactorTest, ChecksNoMoreParallelGuessesThanItsLimit) {
  enrol();
  settings.attempts_per_account = 5;
  auto const guess = wrong_code(secret);
  auto const statuses = at_once(40, [&] { return status_task(factors.check(ana.id, guess, actor)); });
  EXPECT_EQ(std::ranges::count(statuses, 429), 35);
  EXPECT_EQ(audited(Event::second_factor_failed), 5U);
  EXPECT_EQ(audited(Event::login_locked), 1U);
  EXPECT_EQ(status(factors.check(ana.id, code_of(secret), actor)), 429) << "even the right one";
  EXPECT_EQ(status(factors.remove(ana.id, recovery_codes.front(), actor)), 429);
  EXPECT_EQ(check({}), required) << "asking is no guess";
  clock.advance(settings.attempt_window);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(check(recovery_codes.at(static_cast<std::size_t>(i))), passed) << i;
}

TEST_F(SecondFactorTest, StandsBetweenThePasswordAndASession) {
  enrol();
  auto const log_in = [this](std::string_view secret_word, std::optional<std::string> code) {
    return status(login_rules.log_in("ana", std::string(secret_word), here, std::move(code)));
  };
  EXPECT_EQ(log_in(good_password, {}), 401);
  EXPECT_EQ(log_in(good_password, wrong_code(secret)), 401);
  EXPECT_EQ(audited(Event::second_factor_failed), 1U);
  EXPECT_EQ(log_in("wrong", code_of(secret)), 401);
  EXPECT_EQ(audited(Event::second_factor_failed), 1U) << "the code is not looked at";
  EXPECT_EQ(count("SELECT count(*) FROM auth.sessions"), 0);
  EXPECT_EQ(log_in(good_password, code_of(secret)), 0) << "nor used up";
  EXPECT_EQ(count("SELECT count(*) FROM auth.sessions"), 1);
}

TEST_F(SecondFactorTest, GivesNewRecoveryCodes) {
  EXPECT_EQ(status(factors.renew_recovery_codes(ana.id, "123456", actor)), 404);
  enrol();
  EXPECT_EQ(status(factors.renew_recovery_codes(ana.id, wrong_code(secret), actor)), 422);
  auto const fresh = run(factors.renew_recovery_codes(ana.id, recovery_codes.front(), actor));
  EXPECT_EQ(run(factors.status(ana.id)).recovery_codes_left, 10);
  EXPECT_EQ(audited(Event::recovery_codes_made), 1U);
  EXPECT_EQ(check(recovery_codes.back()), wrong);
  EXPECT_EQ(check(fresh.back()), passed);
}

TEST_F(SecondFactorTest, GoesWithACodeOrByAnAdministrator) {
  EXPECT_EQ(status(factors.remove(ana.id, "123456", actor)), 404);
  EXPECT_EQ(status(factors.reset(ana.id, Actor::command_line())), 404);
  enrol();
  EXPECT_EQ(status(factors.remove(ana.id, wrong_code(secret), actor)), 422);
  EXPECT_EQ(status(factors.remove(ana.id, code_of(secret), actor)), 0);
  EXPECT_EQ(check({}), not_enrolled);
  enrol();
  run(factors.reset(ana.id, Actor::command_line()));
  EXPECT_EQ(check({}), not_enrolled);
  EXPECT_EQ(audited(Event::second_factor_removed), 2U);
  EXPECT_EQ(count("SELECT count(*) FROM auth.recovery_codes"), 0);
}

TEST_F(SecondFactorTest, LeavesNothingOfAUserWhoIsErased) {
  enrol();
  run(accounts.erase(actor, ana.id, factors.erasure_of(ana.id)));
  EXPECT_EQ(count("SELECT count(*) FROM auth.second_factors") + count("SELECT count(*) FROM auth.recovery_codes"), 0);
}

TEST_F(SecondFactorTest, RestsSealedAndUnderTheKeyInUse) {
  enrol();
  auto const raw = crypto::from_base32(secret).value();
  run(factors.renew_seals());
  EXPECT_TRUE(is_in_the_database(raw)) << "without a key it rests as it is";

  std::string const old_key(32, 'o');
  std::string const new_key(32, 'n');
  std::optional<crypto::Sealer> sealer = crypto::Sealer({old_key});
  auto sealing = sealing_with(sealer);
  EXPECT_EQ(run(sealing.check(ana.id, code_of(secret), actor)), passed) << "not sealed yet";
  run(sealing.renew_seals());
  EXPECT_FALSE(is_in_the_database(raw));

  sealer = crypto::Sealer({new_key, old_key});
  EXPECT_EQ(run(sealing.check(ana.id, recovery_codes.at(0), actor)), passed) << "the old key still opens";
  run(sealing.renew_seals());
  sealer = crypto::Sealer({new_key});
  EXPECT_EQ(run(sealing.check(ana.id, recovery_codes.at(1), actor)), passed) << "the old key is not needed any more";

  sealer = crypto::Sealer({old_key});
  EXPECT_EQ(status(sealing.check(ana.id, recovery_codes.at(2), actor)), -1) << "a key that is gone is our fault";
  run(sealing.renew_seals());
  sealer.reset();
  EXPECT_EQ(status(sealing.check(ana.id, recovery_codes.at(2), actor)), -1);
  sealer = crypto::Sealer({new_key});
  EXPECT_EQ(run(sealing.check(ana.id, recovery_codes.at(2), actor)), passed) << "and nothing is lost";
}

TEST_F(SecondFactorTest, IsSealedAnewHoweverManyThereAre) {
  std::optional<crypto::Sealer> const sealer = crypto::Sealer({std::string(32, 'k')});
  static constexpr db::Statement add{"add", R"(
INSERT INTO auth.users (id, username, password_hash, role, created_at, updated_at)
VALUES ($1, $2, '', 'user', $3, $3))"};
  for (int i = 0; i < 205; ++i) {
    auto const id = Id<User>::make(clock.now());
    run(database->query(add, id, "user-" + std::to_string(i), clock.now()));
    run(factors.begin(id));
  }
  EXPECT_EQ(count("SELECT count(*) FROM auth.second_factors WHERE NOT sealed"), 205);
  run(sealing_with(sealer).renew_seals());
  EXPECT_EQ(count("SELECT count(*) FROM auth.second_factors WHERE sealed"), 205);
}

TEST_F(SecondFactorTest, IsSealedFromTheBeginning) {
  std::optional<crypto::Sealer> const sealer = crypto::Sealer({std::string(32, 'k')});
  auto sealing = sealing_with(sealer);
  auto const raw = crypto::from_base32(run(sealing.begin(ana.id)).secret).value();
  EXPECT_FALSE(is_in_the_database(raw));
  auto const rui = add_user("rui");
  EXPECT_EQ(count("SELECT count(*) FROM auth.second_factors WHERE sealed"), 1);
  run(sealing.begin(rui.id));
  static constexpr db::Statement swap{"swap", R"(
UPDATE auth.second_factors SET secret = (SELECT secret FROM auth.second_factors WHERE user_id = $2)
WHERE user_id = $1)"};
  run(database->query(swap, ana.id, rui.id));
  EXPECT_EQ(status(sealing.confirm(ana.id, "123456", actor)), -1) << "one user's secret is not another's";
}

}  // namespace
}  // namespace balcao::auth
