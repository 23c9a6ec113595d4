#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/wiring.hpp"

/// The subcommands of `balcao`, one file each. They print for people on standard output, and throw what goes wrong.
namespace balcao::app::commands {

/// Serves until SIGTERM or SIGINT, then finishes what is under way.
void serve(Config const& config, Selection const& selection);

enum class MigrateAction { up, status };
void migrate(Config const& config, MigrateAction action);

/// The password comes from BALCAO_PASSWORD, a terminal without echo, or the first line of standard input.
void create_user(Config const& config, std::string const& name, bool administrator);
/// Prints its client_id and, this once, its client_secret.
void create_service_account(Config const& config, std::string const& name, std::vector<std::string> const& scopes);
void promote_user(Config const& config, std::string const& name);
void disable_user(Config const& config, std::string const& name, bool disabled);
/// For a user who has lost both his authenticator app and his recovery codes.
void reset_second_factor(Config const& config, std::string const& name);
void list_users(Config const& config);
/// Takes users of another system from a file of NDJSON, or from standard input (`-`), as auth::Import does; tells on
/// standard error how far it is and which lines it refuses. False if it refused any.
bool import_users(Config const& config, std::string const& file);

/// How products go into the database and out of it, past a server.
struct TransferOptions {
  std::string file = "-";  ///< `-`: standard input or output
  std::string owner{};     ///< a username
  std::string format{};    ///< `ndjson` or `csv`; empty: as the file's name says
  std::string errors{};    ///< a file for what is wrong with each row, as NDJSON; empty: none
};
/// Takes products from a file as products::Import does, with the rights of an administrator; the new ones are the
/// owner's. Tells on standard error how far it is and of the first bad rows. False if there were any.
bool import_products(Config const& config, TransferOptions const& options);
/// Writes the products of the owner, or all where none is named.
void export_products(Config const& config, TransferOptions const& options);

/// The signing keys in the database, those that sign next among them.
void list_keys(Config const& config);
/// `now`: it signs in seconds instead of minutes. `revoke`: at once, and tokens signed with the keys before are
/// refused.
void rotate_keys(Config const& config, bool now, bool revoke);

/// Looks at settings, storage and the gateway, and tells everything that is wrong at once. False if anything is.
bool check(Environment const& environment);

/// Compares the payments of the last days with the gateway's, and reports every drift. False if there is any.
bool reconcile(Config const& config, int days);

/// Where the sandbox tells what happens; nowhere without a URL. Without a secret that of
/// the settings signs, or one that is made and printed.
struct SandboxWebhook {
  std::string url{};
  std::string secret{};
};

void sandbox(Config const& config, std::string const& host, std::uint16_t port, SandboxWebhook webhook);

/// Whether the server that the settings describe is ready. For container health checks.
bool healthcheck(Config const& config);

/// The OpenAPI document.
void openapi();

}  // namespace balcao::app::commands
