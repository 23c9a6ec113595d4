#pragma once

#include "../platform/db/database_fixture.hpp"
#include "auth/accounts.hpp"
#include "auth/sessions.hpp"
#include "platform/db/migrations.hpp"
#include "platform/shared/memory/memory.hpp"

namespace balcao::auth::test {

using balcao::test::failure_of;
using balcao::test::ManualClock;
using balcao::test::run_on;
using balcao::test::ScratchDirectory;
using balcao::test::status_of;

/// Accounts and sessions on a database of their own, with a clock that stands still.
class AuthTest : public testing::Test {
 protected:
  AuthTest() { run(db::migrate(*database, "auth", migrations("sqlite"), clock.now())); }

  template <class T>
  T run(Task<T> task) {
    return run_on(loop, std::move(task));
  }

  /// The status of the problem that the task throws; 0 for none.
  template <class T>
  int status(Task<T> task) {
    return status_of(run(failure_of(std::move(task))));
  }

  /// The task begun `times` times at once; gives the statuses.
  std::vector<int> at_once(std::size_t times, std::function<Task<int>()> const& make) {
    std::vector<int> statuses(times);
    loop.restart();
    for (auto& slot : statuses) {
      boost::asio::co_spawn(loop, make(), [&slot](std::exception_ptr failure, int status) {
        slot = failure ? status_of(failure) : status;
      });
    }
    loop.run();
    return statuses;
  }

  /// The same as a task.
  template <class T>
  static Task<int> status_task(Task<T> task) {
    co_return status_of(co_await failure_of(std::move(task)));
  }

  Username username(std::string_view name) { return Username::parse(name).value(); }
  NewPassword password(std::string_view text) { return NewPassword::parse(text).value(); }

  User add_user(std::string_view name = "ana", std::string_view secret = good_password) {
    return run(accounts.register_user(username(name), password(secret)));
  }

  std::int64_t count(std::string_view sql) {
    db::Statement const statement{"count", sql};
    return run(database->query(statement)).front().get<std::int64_t>(0);
  }

  static constexpr std::string_view good_password = "correct-horse-7-battery";

  ScratchDirectory directory;
  boost::asio::io_context loop;
  ManualClock clock;
  std::unique_ptr<db::Database> database = db::sqlite::open({.file = directory / "auth.db", .schema = "auth"});
  Settings settings;
  Workers workers{2, 1000};
  std::unique_ptr<shared::SharedState> shared = shared::memory::make(clock);
  Store store{*database};
  access::Revocations revocations;
  jwt::Key key = jwt::Key::hs256("a secret of at least thirty-two bytes");
  jwt::Signer signer{key};
  jwt::Verifier verifier{{key}, settings.issuer, settings.audience};
  Accounts accounts{store, workers, *shared, clock, settings};
  Sessions sessions{store, signer, verifier, revocations, clock, settings};
};

}  // namespace balcao::auth::test
