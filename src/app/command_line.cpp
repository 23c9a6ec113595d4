#include "app/command_line.hpp"

// The one library header above platform/: the command line is declared here and nowhere else.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include "app/commands/commands.hpp"
#include "app/storage.hpp"
#include "app/system.hpp"
#include "platform/http/server.hpp"
#include "platform/telemetry/output.hpp"

namespace balcao::app {
namespace {

constexpr int exit_usage = 64;
constexpr int exit_config = 78;

constexpr auto about =
    "Balcão: users, payments and products behind one counter.\n"
    "\n"
    "  balcao serve                    start it; http://127.0.0.1:8080 answers at once, nothing to set up\n"
    "  balcao user promote maria       make the user maria an administrator\n"
    "  balcao check                    see whether the settings are right before you rely on them\n"
    "\n"
    "Settings come from the environment and from a file .env in the working directory;\n"
    "PORT, DATA_DIR and JWT_SECRET are the first to know. See docs/configuration.md.";

Selection select(std::vector<std::string> const& services) {
  if (services.empty()) return {};
  auto const named = [&services](std::string_view name) { return std::ranges::find(services, name) != services.end(); };
  return {named("auth"), named("payments"), named("products")};
}

/// What a subcommand does once it is chosen: loads the settings, and `work` with them.
template <class Work>
std::function<void()> with_settings(Work work) {
  return [work] {
    auto const config = load_config(read_environment());
    log::configure(config.log_level, config.log_format);
    work(config);
  };
}

template <class Work>
CLI::App* add(CLI::App& parent, std::string const& name, std::string const& description, Work work) {
  auto* command = parent.add_subcommand(name, description);
  command->callback(with_settings(work));
  return command;
}

void add_serve(CLI::App& program) {
  auto const services = std::make_shared<std::vector<std::string>>();
  auto* serve = add(program, "serve", "Start the server: all services, or those that are named",
                    [services](Config const& config) { commands::serve(config, select(*services)); });
  serve->add_option("service", *services, "auth, payments, products; none: all three in this process")
      ->check(CLI::IsMember({"auth", "payments", "products"}));
}

void add_migrate(CLI::App& program) {
  auto const up = [](Config const& config) { commands::migrate(config, commands::MigrateAction::up); };
  auto const status = [](Config const& config) { commands::migrate(config, commands::MigrateAction::status); };
  auto* migrate = program.add_subcommand("migrate", "Bring the database schemas up to date, or see where they stand");
  migrate->require_subcommand(0, 1);
  add(*migrate, "up", "Apply what is missing (the default; serve does this by itself)", up);
  add(*migrate, "status", "List what is applied and what is not", status);
  migrate->callback([=] {
    if (migrate->get_subcommands().empty()) with_settings(up)();
  });
}

void add_user(CLI::App& program, int& status) {
  auto* user = program.add_subcommand("user", "Make users and administrators; works while the server runs");
  user->require_subcommand(1);
  auto const name = std::make_shared<std::string>();
  auto const administrator = std::make_shared<bool>(false);
  auto const service = std::make_shared<bool>(false);
  auto const scopes = std::make_shared<std::vector<std::string>>();

  auto* create = add(*user, "create", "Make a user; asks for the password, or takes it from standard input",
                     [=](Config const& config) {
                       if (*service) return commands::create_service_account(config, *name, *scopes);
                       commands::create_user(config, *name, *administrator);
                     });
  auto* as_administrator = create->add_flag("--admin", *administrator, "an administrator");
  auto* as_service =
      create->add_flag("--service", *service, "an account for a program; prints its client_id and secret");
  as_service->excludes(as_administrator);
  create->add_option("--scope", *scopes, "what the program may do, such as products:write; can be given again")
      ->needs(as_service);
  auto* promote = add(*user, "promote", "Make a user an administrator (from his next login or refresh on)",
                      [=](Config const& config) { commands::promote_user(config, *name); });
  auto* disable = add(*user, "disable", "Shut a user out and end his sessions",
                      [=](Config const& config) { commands::disable_user(config, *name, true); });
  auto* enable = add(*user, "enable", "Let a disabled user in again",
                     [=](Config const& config) { commands::disable_user(config, *name, false); });
  auto* reset = add(*user, "reset-second-factor", "Remove the second factor of a user who has lost it",
                    [=](Config const& config) { commands::reset_second_factor(config, *name); });
  for (auto* command : {create, promote, disable, enable, reset})
    command->add_option("name", *name, "the username")->required();
  auto const file = std::make_shared<std::string>();
  add(*user, "import", "Take over the users of another system, with their password hashes",
      [file, &status](Config const& config) {
        if (!commands::import_users(config, *file)) status = 1;
      })
      ->add_option("file", *file, "a JSON object a line: username, password_hash, role, disabled, created_at; -: stdin")
      ->required();
  add(*user, "list", "List the users", [](Config const& config) { commands::list_users(config); });
}

void add_products(CLI::App& program, int& status) {
  auto* products = program.add_subcommand("products", "Move products in and out; works while the server runs");
  products->require_subcommand(1);
  auto const options = std::make_shared<commands::TransferOptions>();
  auto* import = add(*products, "import", "Make and change products by a file of NDJSON or CSV",
                     [options, &status](Config const& config) {
                       if (!commands::import_products(config, *options)) status = 1;
                     });
  import->add_option("file", options->file, "the file; its columns are those of an export; -: stdin")->required();
  import->add_option("--owner", options->owner, "the username of whom the new products belong to")->required();
  import->add_option("--errors", options->errors, "write what is wrong with each bad row to this file, as NDJSON");
  auto* exported = add(*products, "export", "Write products to a file that can be imported again",
                       [options](Config const& config) { commands::export_products(config, *options); });
  exported->add_option("file", options->file, "the file; none or -: stdout");
  exported->add_option("--owner", options->owner, "the products of this username alone");
  for (auto* command : {import, exported}) {
    command->add_option("--format", options->format, "ndjson or csv; without it the file's name decides")
        ->check(CLI::IsMember({"ndjson", "csv"}));
  }
}

void add_keys(CLI::App& program) {
  auto* keys = program.add_subcommand("keys", "See and replace the keys that sign tokens; works while the server runs");
  keys->require_subcommand(1);
  add(*keys, "list", "List the signing keys", [](Config const& config) { commands::list_keys(config); });
  auto const now = std::make_shared<bool>(false);
  auto const revoke = std::make_shared<bool>(false);
  auto* rotate = add(*keys, "rotate", "Make a new key, which signs in five minutes; tokens of the one before stay good",
                     [=](Config const& config) { commands::rotate_keys(config, *now, *revoke); });
  rotate->add_flag("--now", *now, "it signs in a few seconds: whoever keeps the key set may not have it yet");
  rotate->add_flag("--revoke", *revoke,
                   "for a key that has leaked: it signs at once, and the access tokens of all keys "
                   "before it are refused; refresh tokens stay good");
}

void add_sandbox(CLI::App& program) {
  auto const host = std::make_shared<std::string>("127.0.0.1");
  auto const port = std::make_shared<std::uint16_t>(std::uint16_t{12111});
  auto const webhook = std::make_shared<commands::SandboxWebhook>();
  auto* sandbox =
      add(program, "sandbox", "Serve a payment gateway with Stripe's API, for machines without a Stripe key",
          [=](Config const& config) { commands::sandbox(config, *host, *port, *webhook); });
  sandbox->add_option("--host", *host, "the address to listen on")->capture_default_str();
  sandbox->add_option("--port", *port, "the port to listen on; 0: any free one")->capture_default_str();
  sandbox->add_option("--webhook-url", webhook->url,
                      "where all its events are delivered, besides the endpoints of its API");
  sandbox->add_option("--webhook-secret", webhook->secret,
                      "that signs them; without it the setting STRIPE_WEBHOOK_SECRET, or one that is made and shown");
}

void add_reconcile(CLI::App& program, int& status) {
  auto const days = std::make_shared<int>(30);
  auto* reconcile =
      add(program, "reconcile", "Compare the payments with the gateway, and report where they do not agree",
          [=, &status](Config const& config) {
            if (!commands::reconcile(config, *days)) status = 1;
          });
  reconcile->add_option("--days", *days, "how far back to look")->check(CLI::Range(1, 3650))->capture_default_str();
}

void declare(CLI::App& program, int& status) {
  program.set_version_flag("--version", std::string("balcao ") + std::string(version()));
  program.require_subcommand(1);
  program.get_formatter()->column_width(18);

  add_serve(program);
  add_migrate(program);
  add_user(program, status);
  add_products(program, status);
  add_keys(program);
  program.add_subcommand("check", "Look at settings, storage and gateway; list all that is wrong")->callback([&status] {
    if (!commands::check(read_environment())) status = exit_config;
  });
  add_reconcile(program, status);
  add_sandbox(program);
  add(program, "healthcheck", "Exit with 0 if the server at HOST and PORT is ready", [&status](Config const& config) {
    if (!commands::healthcheck(config)) status = 1;
  });
  program.add_subcommand("openapi", "Print the OpenAPI document")->callback([] { commands::openapi(); });
}

void complain(std::string_view what) { output::write(output::Stream::error, "balcao: " + std::string(what) + '\n'); }

int fail(int status, std::string_view what) {
  std::fflush(stdout);
  complain(what);
  return status;
}

/// What a command has printed may not have got anywhere: a full disk, a closed output.
int finish(int status) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  return fail(1, "cannot write to standard output: " + std::generic_category().message(errno));
}

int run_command(int argc, char** argv) {
  CLI::App program(about, "balcao");
  int status = 0;
  declare(program, status);
  try {
    output::occupy_closed_streams();
    program.parse(argc, argv);
    return finish(status);
  } catch (CLI::ParseError const& error) {
    return program.exit(error) == 0 ? finish(0) : exit_usage;
  } catch (ConfigError const& error) {
    for (auto const& fault : error.faults()) complain(fault);
    complain("nothing was started; the settings above are wrong");
    return exit_config;
  } catch (Problem const& problem) {
    auto const& detail = problem.detail().en;
    std::string what = detail.empty() ? std::string(problem.type().title_en) : detail;
    for (auto const& fault : problem.faults()) what += ' ' + fault.pointer + ": " + fault.detail.en;
    return fail(1, what);
  } catch (std::exception const& error) {
    return fail(1, error.what());
  }
}

}  // namespace

int run(int argc, char** argv) {
  int const status = run_command(argc, argv);
  output::flush();
  return status;
}

}  // namespace balcao::app
