#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "auth/model.hpp"
#include "platform/http/request_parser.hpp"
#include "platform/jwt/jwt.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::app {

/// Everything that can be set, checked. docs/configuration.md describes each.
struct Config {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::filesystem::path data_dir = "data";
  std::optional<std::string> database_url;            ///< none: SQLite in `data_dir`
  std::optional<std::string> migration_database_url;  ///< the same database for the role that migrates
  std::optional<std::string> redis_url;               ///< none: shared state in this process's memory
  std::string redis_ca_file;
  std::optional<std::string> auth_url;  ///< where Auth is, if not in this process; and so on
  std::optional<std::string> payments_url;
  std::optional<std::string> products_url;
  std::optional<std::string> service_key;
  std::chrono::milliseconds startup_timeout{30'000};
  std::optional<std::string> public_url;  ///< what clients know it by; none: this process's own address
  std::optional<std::string> jwt_secret;
  std::vector<std::string> key_encryption_keys;                        ///< the first seals, all of them open
  jwt::Key::Algorithm signing_algorithm = jwt::Key::Algorithm::eddsa;  ///< of new keys
  int key_rotation_days = 90;                                          ///< 0: never
  std::optional<std::string> stripe_secret_key;                        ///< none: the sandbox inside `serve`
  std::vector<std::string> stripe_webhook_secrets;                     ///< with which the gateway signs its events
  std::string stripe_api_base = "https://api.stripe.com";
  std::chrono::seconds order_reservation = std::chrono::hours(1);  ///< how long pieces wait to be paid
  std::int64_t unpaid_orders_per_user = 20;
  std::int64_t unpaid_pieces_per_user = 1000;
  bool webhook_allow_private = true;  ///< integrators' webhooks may lead to private addresses
  bool production = false;
  std::size_t loops = 1;
  std::size_t password_min_length = 8;
  auth::Hashing hashing;
  std::chrono::seconds access_token_lifetime = std::chrono::minutes(15);
  std::chrono::seconds session_idle_timeout = std::chrono::days(30);
  std::chrono::seconds session_lifetime = std::chrono::days(90);
  std::int64_t login_attempts_per_account = 10;
  std::int64_t login_attempts_per_address = 100;
  std::chrono::seconds login_attempt_window = std::chrono::minutes(5);
  std::int64_t registrations_per_address = 60;
  std::optional<auth::Username> admin_username;  ///< the first administrator, with `admin_password`
  std::optional<auth::NewPassword> admin_password;
  std::chrono::milliseconds shutdown_timeout{10'000};
  std::size_t memory_budget = 64 * 1024 * 1024;  ///< in bytes: what clients send, and answers that they do not take
  http::Limits limits;
  log::Level log_level = log::Level::info;
  log::Format log_format = log::Format::text;
  std::vector<std::string> warnings;  ///< what works but should not stay so
};

/// Settings that cannot be used: every fault, each naming its variable, what is wrong, and what is accepted.
class ConfigError : public std::runtime_error {
 public:
  explicit ConfigError(std::vector<std::string> faults);
  std::vector<std::string> const& faults() const { return faults_; }

 private:
  std::vector<std::string> faults_;
};

/// The value of a variable, if it is set.
using Environment = std::function<std::optional<std::string>(std::string const& name)>;

/// The process's environment and, behind it, a `.env` file in the working directory. Throws ConfigError where that file
/// cannot be read as one.
Environment read_environment(std::filesystem::path const& dot_env = ".env");

/// Throws ConfigError with all that is wrong.
Config load_config(Environment const& environment);

}  // namespace balcao::app
