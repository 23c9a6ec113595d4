#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "app/commands/commands.hpp"
#include "app/shared_state.hpp"
#include "app/storage.hpp"
#include "auth/accounts/accounts.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::app::commands {
namespace {

/// Auth's accounts on the database, beside a server that may be running on it.
struct Desk {
  explicit Desk(Config const& config)
      : storage(place_of(config), Storage::Use::shared, loops, {"auth"}),
        workers(1, 1),
        shared(make_shared_state(config, loops, system_clock())),
        store(storage.database("auth")),
        jobs(storage.database("auth"), "auth", system_clock()),
        accounts({store, jobs, workers, *shared, system_clock(), settings}) {
    settings.password_min_length = config.password_min_length;
    run_to_end(loops[0], migrate());
  }

  Task<> migrate() { co_await storage.migrate(system_clock()); }

  void run(Task<> task) { run_to_end(loops[0], std::move(task)); }

  Loops loops{1};
  Storage storage;
  Workers workers;
  std::unique_ptr<shared::SharedState> shared;
  auth::Settings settings;
  auth::AccountStore store;
  jobs::Jobs jobs;
  auth::Accounts accounts;
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
  auto const user = co_await desk.accounts.register_user(std::move(name), std::move(password), role);
  std::printf("%s  %s  %s\n", user.id.str().c_str(), user.username.c_str(), std::string(to_string(user.role)).c_str());
}

Task<> list(Desk& desk) {
  for (auto const& user : co_await desk.accounts.list()) {
    std::printf("%s  %-24s %-6s %s\n", user.id.str().c_str(), user.username.c_str(),
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

void promote_user(Config const& config, std::string const& name) {
  auto username = parse<auth::Username>(name, "username");
  Desk desk(config);
  desk.run(desk.accounts.set_role(username, auth::Role::admin));
  std::printf("%s is an administrator from the next login or refresh on\n", username.str().c_str());
}

void disable_user(Config const& config, std::string const& name, bool disabled) {
  auto username = parse<auth::Username>(name, "username");
  Desk desk(config);
  desk.run(desk.accounts.set_disabled(username, disabled));
  std::printf(disabled ? "%s is shut out, and the sessions have ended\n" : "%s may log in again\n",
              username.str().c_str());
}

void list_users(Config const& config) {
  Desk desk(config);
  desk.run(list(desk));
}

}  // namespace balcao::app::commands
