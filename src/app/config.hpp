#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "platform/http/request_parser.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::app {

/// Everything that can be set, checked. docs/configuration.md describes each.
struct Config {
  std::string host = "127.0.0.1";
  std::uint16_t port = 8080;
  std::filesystem::path data_dir = "data";
  std::optional<std::string> jwt_secret;
  std::optional<std::string> stripe_secret_key;  ///< none: the sandbox inside `serve`
  std::string stripe_api_base = "https://api.stripe.com";
  bool production = false;
  std::size_t loops = 1;
  std::size_t password_min_length = 8;
  std::chrono::milliseconds shutdown_timeout{10'000};
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
