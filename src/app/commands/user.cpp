#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <ranges>

#include "access/guard.hpp"
#include "app/auth_settings.hpp"
#include "app/commands/commands.hpp"
#include "app/shared_state.hpp"
#include "app/storage.hpp"
#include "auth/accounts/accounts.hpp"
#include "auth/accounts/administration.hpp"
#include "auth/clients/service_accounts.hpp"
#include "auth/second_factor/second_factor.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::app::commands {
namespace {

/// Auth's accounts on the database, beside a server that may be running on it.
struct Desk {
  explicit Desk(Config const& config)
      : settings(auth_settings(config)),
        storage(place_of(config), Storage::Use::shared, loops, {"auth"}),
        workers(1, 1),
        shared(make_shared_state(config, loops, clock)),
        store(storage.database("auth")),
        client_store(storage.database("auth")),
        audit_store(storage.database("auth")),
        jobs(storage.database("auth"), "auth", clock),
        accounts({store, passwords, audit, endings, jobs, clock, settings}),
        administration({store, audit, endings, clock}),
        second_factor_store(storage.database("auth")) {
    run_to_end(loops[0], migrate());
  }

  Task<> migrate() { co_await storage.migrate(clock); }

  void run(Task<> task) { run_to_end(loops[0], std::move(task)); }

  auth::Settings settings;
  Clock const& clock = system_clock();
  Loops loops{1};
  Storage storage;
  Workers workers;
  std::unique_ptr<shared::SharedState> shared;
  access::Revocations revocations;
  auth::AccountStore store;
  auth::ClientStore client_store;
  auth::AuditStore audit_store;
  auth::Audit audit{audit_store, clock};
  auth::Passwords passwords{workers, settings.hashing};
  auth::Endings endings{revocations, *shared, clock, settings};
  jobs::Jobs jobs;
  auth::Accounts accounts;
  auth::Administration administration;
  auth::SecondFactorStore second_factor_store;
  std::optional<crypto::Sealer> const sealer;  ///< none: no secret is read here
  auth::Attempts attempts{*shared, clock, settings};
  auth::SecondFactors second_factors{{second_factor_store, store, audit, attempts, sealer, clock}};
  auth::ServiceAccounts service_accounts{{client_store, audit, endings, attempts, clock}};
};

template <class Rule>
Rule parse(std::string const& text, std::string const& what) {
  auto parsed = Rule::parse(text);
  if (!parsed) throw std::invalid_argument(what + " '" + text + "': " + parsed.error().en);
  return *parsed;
}

/// Turns the terminal's echo off while it lives.
class Silence {
 public:
  Silence() {
    ::tcgetattr(STDIN_FILENO, &before_);
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~Silence() { ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_); }

 private:
  termios before_{};
};

std::string ask_for_password() {
  if (auto const* given = std::getenv("BALCAO_PASSWORD")) return given;
  std::string password;
  if (::isatty(STDIN_FILENO)) {
    std::cerr << "Password: " << std::flush;
    Silence const silence;
    std::getline(std::cin, password);
    std::cerr << '\n';
  } else {
    std::getline(std::cin, password);
  }
  return password;
}

Task<> create(Desk& desk, auth::Username name, auth::NewPassword password, auth::Role role) {
  auto const user = co_await desk.accounts.register_user(std::move(name), std::move(password), role,
                                                         auth::Actor::command_line().origin);
  std::printf("%s  %s  %s\n", user.id.str().c_str(), user.username.c_str(), std::string(to_string(user.role)).c_str());
}

Task<> promote(Desk& desk, auth::Username name) {
  auto const user = co_await desk.administration.find(std::move(name));
  co_await desk.administration.set_role(auth::Actor::command_line(), user.id, auth::Role::admin);
}

Task<> set_disabled(Desk& desk, auth::Username name, bool disabled) {
  auto const user = co_await desk.administration.find(std::move(name));
  co_await desk.administration.set_disabled(auth::Actor::command_line(), user.id, disabled);
}

Task<> create_service(Desk& desk, auth::Username name, std::vector<auth::Scope> scopes) {
  auto const made =
      co_await desk.service_accounts.create(std::move(name), std::move(scopes), auth::Actor::command_line());
  std::printf("client_id      %s\nclient_secret  %s\n", made.account.id.str().c_str(), made.secret.c_str());
  std::cerr << "The secret is shown this once.\n";
}

Task<> reset_second_factor(Desk& desk, auth::Username name) {
  auto const user = co_await desk.administration.find(std::move(name));
  co_await desk.second_factors.reset(user.id, auth::Actor::command_line());
}

/// The oldest first.
Task<> list(Desk& desk) {
  std::vector<auth::User> users;
  constexpr std::size_t at_once = 1000;
  for (std::optional<Id<auth::User>> after;;) {
    auto const page = co_await desk.administration.list({.after = after, .limit = at_once});
    users.insert(users.end(), page.begin(), page.end());
    if (page.size() < at_once) break;
    after = page.back().id;
  }
  for (auto const& user : std::views::reverse(users)) {
    std::printf("%s  %-24s %-7s %s\n", user.id.str().c_str(), user.username.c_str(),
                std::string(to_string(user.role)).c_str(), user.disabled ? "disabled" : "");
  }
}

}  // namespace

void create_user(Config const& config, std::string const& name, bool administrator) {
  auto username = parse<auth::Username>(name, "username");
  auto password = auth::NewPassword::parse(ask_for_password());
  if (!password) throw std::invalid_argument("password: " + password.error().en);
  Desk desk(config);
  desk.run(create(desk, std::move(username), *password, administrator ? auth::Role::admin : auth::Role::user));
}

void create_service_account(Config const& config, std::string const& name, std::vector<std::string> const& scopes) {
  auto username = parse<auth::Username>(name, "username");
  std::vector<auth::Scope> known;
  for (auto const& scope : scopes) known.push_back(parse<auth::Scope>(scope, "scope"));
  Desk desk(config);
  desk.run(create_service(desk, std::move(username), std::move(known)));
}

void promote_user(Config const& config, std::string const& name) {
  auto username = parse<auth::Username>(name, "username");
  Desk desk(config);
  desk.run(promote(desk, username));
  std::printf("%s is an administrator from the next login or refresh on\n", username.str().c_str());
}

void disable_user(Config const& config, std::string const& name, bool disabled) {
  auto username = parse<auth::Username>(name, "username");
  Desk desk(config);
  desk.run(set_disabled(desk, username, disabled));
  std::printf(disabled ? "%s is shut out, and the sessions have ended\n" : "%s may log in again\n",
              username.str().c_str());
}

void reset_second_factor(Config const& config, std::string const& name) {
  auto username = parse<auth::Username>(name, "username");
  Desk desk(config);
  desk.run(reset_second_factor(desk, username));
  std::printf("%s logs in with the password alone\n", username.str().c_str());
}

void list_users(Config const& config) {
  Desk desk(config);
  desk.run(list(desk));
}

}  // namespace balcao::app::commands
