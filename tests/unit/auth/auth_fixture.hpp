#pragma once

#include "../platform/db/database_fixture.hpp"
#include "auth/accounts/accounts.hpp"
#include "auth/accounts/administration.hpp"
#include "auth/accounts/registrations.hpp"
#include "auth/accounts/setup.hpp"
#include "auth/audit/audit.hpp"
#include "auth/clients/client_tokens.hpp"
#include "auth/clients/service_accounts.hpp"
#include "auth/keys/store.hpp"
#include "auth/login/login.hpp"
#include "auth/migrations.hpp"
#include "auth/sessions/sessions.hpp"
#include "platform/shared/memory/memory.hpp"

namespace balcao::auth::test {

using balcao::test::failure_of;
using balcao::test::ManualClock;
using balcao::test::status_of;

/// Accounts and sessions on a database of their own, with a clock that stands still.
class AuthTest : public balcao::test::DatabaseTest {
 protected:
  /// The task begun `times` times at once; gives the statuses.
  std::vector<int> at_once(std::size_t times, std::function<Task<int>()> const& make) {
    std::vector<int> statuses(times);
    auto const keep = [](Task<int> task, int& slot) -> Task<> {
      auto const failure = co_await failure_of(
          [](Task<int> awaited, int& kept) -> Task<> { kept = co_await std::move(awaited); }(std::move(task), slot));
      if (failure) slot = status_of(failure);
    };
    std::vector<Task<>> tasks;
    for (auto& slot : statuses) tasks.push_back(keep(make(), slot));
    run_together(std::move(tasks));
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
    return run(accounts.register_user(username(name), password(secret), Role::user, here));
  }

  int login(std::string name, std::string_view secret = good_password, Origin origin = here) {
    return status(login_rules.log_in(std::move(name), std::string(secret), std::move(origin)));
  }

  void set_disabled(User const& user, bool disabled) {
    run(administration.set_disabled(Actor::command_line(), user.id, disabled));
  }

  void set_role(User const& user, Role role) { run(administration.set_role(Actor::command_line(), user.id, role)); }

  /// As if the user had just proved to be himself.
  Tokens open_session(User const& user, Origin origin = here) {
    return run(sessions.open(run(account_store.find_credentials(user.username)).value(), std::move(origin))).value();
  }

  void set_disabled(ServiceAccount const& account, bool disabled) {
    run(administration.set_disabled(Actor::command_line(), account.id, disabled));
  }
  ClientState state_of(ServiceAccount const& account) { return run(client_store.find(account.id)).value(); }
  Id<Session> session_of(std::string const& access_token) {
    return Id<Session>::parse(verifier.verify(access_token, clock.now(), jwt::Lifetime::ignored)->sid).value();
  }

  std::int64_t count(std::string_view sql) {
    db::Statement const statement{"count", sql};
    return run(database->query(statement)).front().get<std::int64_t>(0);
  }

  static inline Origin const here{"192.0.2.1", "a browser"};
  static constexpr std::string_view good_password = "correct-horse-7-battery";

  ManualClock clock;
  std::unique_ptr<db::Database> database = engine.open("auth", migrations, clock.now());
  Settings settings;
  Workers workers{2, 1000};
  std::unique_ptr<shared::SharedState> shared = shared::memory::make(clock);
  AccountStore account_store{*database};
  SessionStore session_store{*database};
  KeyStore key_store{*database};
  ClientStore client_store{*database};
  AuditStore audit_store{*database};
  Audit audit{audit_store, clock};
  access::Revocations revocations;
  jwt::Key key = jwt::Key::hs256("a secret of at least thirty-two bytes");
  jwt::Signer signer{key};
  jwt::Verifier verifier{{key}, {settings.issuer}, settings.audience};
  jobs::Jobs jobs{*database, "auth", clock};
  Endings endings{revocations, *shared, clock, settings};
  Passwords passwords{workers, settings.hashing};
  Attempts attempts{*shared, clock, settings};
  SecondFactorStore factor_store{*database};
  std::optional<crypto::Sealer> no_sealer;
  SecondFactors factors{{factor_store, account_store, audit, attempts, no_sealer, clock}};
  Sessions sessions{{session_store, audit, signer, verifier, endings, clock, settings}};
  Login login_rules{{account_store, passwords, attempts, factors, sessions, audit, clock}};
  Accounts accounts{{account_store, passwords, audit, endings, jobs, clock, settings}};
  Administration administration{{account_store, audit, endings, clock}};
  Registrations registrations{accounts, *shared, clock, settings};
  auth::Setup setup{account_store, accounts, clock};
  ServiceAccounts service_accounts{{client_store, audit, endings, attempts, clock}};
  ClientTokens client_tokens{{client_store, session_store, audit, signer, verifier, endings, *shared, clock, settings}};
};

}  // namespace balcao::auth::test
