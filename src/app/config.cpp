#include "app/config.hpp"

#include <algorithm>
#include <thread>

#include "app/settings_reader.hpp"
#include "platform/db/postgres/postgres.hpp"
#include "platform/fields.hpp"
#include "platform/http/connection.hpp"
#include "platform/http/server.hpp"
#include "platform/runtime/memory_limit.hpp"
#include "platform/shared/redis/redis.hpp"

namespace balcao::app {
namespace {

std::string join(std::vector<std::string> const& lines) {
  std::string text;
  for (auto const& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

void read_jwt_secret(SettingsReader& reader, Config& config) {
  constexpr std::size_t safe_bytes = 32;
  config.jwt_secret = reader.secret("JWT_SECRET");
  if (!config.jwt_secret) return;
  if (config.jwt_secret->size() >= safe_bytes) return;
  if (config.production) {
    reader.fault("JWT_SECRET", "it has " + std::to_string(config.jwt_secret->size()) +
                                   " bytes; production needs at least 32 (make one: openssl rand -hex 32)");
  } else {
    config.warnings.push_back(
        "JWT_SECRET is shorter than 32 bytes: whoever holds one token can guess it. "
        "Make a good one with: openssl rand -hex 32");
  }
}

void read_passwords(SettingsReader& reader, Config& config) {
  reader.integer("PASSWORD_MIN_LENGTH", config.password_min_length, 8, 128);
  std::uint32_t mebibytes = config.hashing.cost.memory_kib / 1024;
  reader.integer("PASSWORD_HASH_MEMORY", mebibytes, 8, 256);
  config.hashing.cost.memory_kib = mebibytes * 1024;
  reader.integer("PASSWORD_HASH_PASSES", config.hashing.cost.passes, 1, 16);
  config.hashing.peppers = reader.secrets("PASSWORD_PEPPER");
}

void read_sessions(SettingsReader& reader, Config& config) {
  constexpr std::int64_t day = 86'400;
  reader.duration("ACCESS_TOKEN_LIFETIME", config.access_token_lifetime, 60, day);
  reader.duration("SESSION_IDLE_TIMEOUT", config.session_idle_timeout, 60, 400 * day);
  reader.duration("SESSION_LIFETIME", config.session_lifetime, 60, 4000 * day);
  reader.integer("LOGIN_ATTEMPTS_PER_ACCOUNT", config.login_attempts_per_account, 1, 1'000'000);
  reader.integer("LOGIN_ATTEMPTS_PER_ADDRESS", config.login_attempts_per_address, 1, 1'000'000);
  reader.duration("LOGIN_ATTEMPT_WINDOW", config.login_attempt_window, 1, day);
  reader.integer("REGISTRATIONS_PER_ADDRESS", config.registrations_per_address, 1, 1'000'000);
}

void read_administrator(SettingsReader& reader, Config& config) {
  auto const name = reader.text("ADMIN_USERNAME");
  auto const password = reader.secret("ADMIN_PASSWORD");
  if (name.has_value() != password.has_value()) {
    reader.fault(name ? "ADMIN_PASSWORD" : "ADMIN_USERNAME", "set both ADMIN_USERNAME and ADMIN_PASSWORD, or neither");
    return;
  }
  if (!name) return;
  auto const username = auth::Username::parse(*name);
  if (!username) reader.fault("ADMIN_USERNAME", "'" + *name + "': " + username.error().en);
  if (username) config.admin_username = *username;
  auto const secret = auth::NewPassword::parse(*password);
  if (!secret) reader.fault("ADMIN_PASSWORD", secret.error().en);
  if (secret) config.admin_password = *secret;
}

/// An address without a path, as it stands in `iss` and before RFC 8414's path.
void read_public_url(SettingsReader& reader, Config& config) {
  config.public_url = reader.text("PUBLIC_URL");
  if (!config.public_url) return;
  auto const& url = *config.public_url;
  auto const host = url.find("://") + 3;
  if (!WebAddress::parse(url) || url.find_first_of("/?#", host) != url.npos) {
    reader.fault("PUBLIC_URL", "'" + url +
                                   "' is not an address like https://shop.example: http or https, a host, and "
                                   "nothing behind it, not even a slash");
  } else if (config.production && !url.starts_with("https://")) {
    reader.fault("PUBLIC_URL", "'" + url + "' is not https, which production needs");
  }
}

void read_signing_keys(SettingsReader& reader, Config& config) {
  reader.choice("SIGNING_ALGORITHM", config.signing_algorithm,
                {{"EdDSA", jwt::Key::Algorithm::eddsa}, {"ES256", jwt::Key::Algorithm::es256}});
  reader.integer("KEY_ROTATION_DAYS", config.key_rotation_days, 0, 3650);
  config.key_encryption_keys = reader.secrets("KEY_ENCRYPTION_KEY");
}

void read_gateway(SettingsReader& reader, Config& config) {
  config.stripe_secret_key = reader.secret("STRIPE_SECRET_KEY");
  if (auto const base = reader.text("STRIPE_API_BASE")) {
    config.stripe_api_base = *base;
    if (!WebAddress::parse(*base)) {
      reader.fault("STRIPE_API_BASE", "'" + *base + "' is not an http or https address");
    } else if (!config.stripe_secret_key) {
      reader.fault("STRIPE_API_BASE", "it has no effect without STRIPE_SECRET_KEY; set that too");
    }
  }
  config.stripe_webhook_secrets = reader.secrets("STRIPE_WEBHOOK_SECRET");
  if (config.stripe_secret_key) {
    auto const& key = *config.stripe_secret_key;
    bool const is_key = key.starts_with("sk_test_") || key.starts_with("sk_live_") || key.starts_with("rk_test_") ||
                        key.starts_with("rk_live_");
    if (!is_key) reader.fault("STRIPE_SECRET_KEY", "a secret key begins with sk_test_, sk_live_, rk_test_ or rk_live_");
  }
}

void read_webhooks(SettingsReader& reader, Config& config) {
  config.webhook_allow_private = !config.production;
  reader.choice("WEBHOOK_ALLOW_PRIVATE", config.webhook_allow_private, {{"true", true}, {"false", false}});
  if (config.production && config.webhook_allow_private) {
    config.warnings.emplace_back(
        "WEBHOOK_ALLOW_PRIVATE is true: whoever may make a webhook endpoint can reach into the network of this "
        "process");
  }
}

/// The URLs hold passwords, so no fault quotes one.
void read_storage(SettingsReader& reader, Config& config) {
  config.database_url = reader.secret("DATABASE_URL");
  config.migration_database_url = reader.secret("MIGRATION_DATABASE_URL");
  config.redis_url = reader.secret("REDIS_URL");
  for (auto const& [name, url] : {std::pair("DATABASE_URL", config.database_url),
                                  std::pair("MIGRATION_DATABASE_URL", config.migration_database_url)}) {
    if (!url) continue;
    try {
      db::postgres::check_url(*url);
    } catch (db::Error const& error) {
      reader.fault(name, error.what());
    }
  }
  if (config.migration_database_url && !config.database_url) {
    reader.fault("MIGRATION_DATABASE_URL", "it has no effect without DATABASE_URL; set that too");
  }
  if (auto const file = reader.text("REDIS_CA_FILE")) config.redis_ca_file = *file;
  auto const find_fault = [&reader](std::string const& name, shared::redis::Options const& options) {
    try {
      shared::redis::check(options);
    } catch (std::invalid_argument const& error) {
      reader.fault(name, error.what());
    }
  };
  if (config.redis_url) find_fault("REDIS_URL", {.url = *config.redis_url});
  if (config.redis_ca_file.empty()) return;
  if (config.redis_url && config.redis_url->starts_with("rediss://")) {
    find_fault("REDIS_CA_FILE", {.url = *config.redis_url, .ca_file = config.redis_ca_file});
  } else {
    reader.fault("REDIS_CA_FILE", "it has no effect without a REDIS_URL that begins with rediss://");
  }
}

void read_services(SettingsReader& reader, Config& config) {
  constexpr std::size_t safe_bytes = 32;
  config.auth_url = reader.text("AUTH_URL");
  config.payments_url = reader.text("PAYMENTS_URL");
  config.products_url = reader.text("PRODUCTS_URL");
  for (auto const& [name, url] : {std::pair("AUTH_URL", config.auth_url),
                                  {"PAYMENTS_URL", config.payments_url},
                                  {"PRODUCTS_URL", config.products_url}}) {
    if (url && !WebAddress::parse(*url)) {
      reader.fault(name, "'" + *url + "' is not an http or https address; write http://host:8080");
    }
  }
  config.service_key = reader.secret("SERVICE_KEY");
  if (config.service_key && config.service_key->size() < safe_bytes) {
    reader.fault("SERVICE_KEY", "it has " + std::to_string(config.service_key->size()) +
                                    " bytes and needs at least 32 (make one: openssl rand -hex 32)");
  }
}

/// A quarter of the memory, half of that for what connections hold uncounted, a quarter of these for one address.
void read_memory(SettingsReader& reader, Config& config, http::Limits& limits) {
  auto mebibytes = std::clamp<std::size_t>(memory_limit() / 4 / (1024 * 1024), 16, 4096);
  reader.integer("MEMORY_BUDGET", mebibytes, 16, 1'048'576);
  config.memory_budget = mebibytes * 1024 * 1024;
  auto const places = config.memory_budget / 2 / http::Connection::free_bytes / config.loops;
  limits.connections = std::min(limits.connections, places);
  reader.integer("MAX_CONNECTIONS", limits.connections, 1, 1'000'000);
  limits.connections_per_address = std::min(limits.connections_per_address, (limits.connections + 3) / 4);
  reader.integer("MAX_CONNECTIONS_PER_ADDRESS", limits.connections_per_address, 1, 1'000'000);
}

}  // namespace

ConfigError::ConfigError(std::vector<std::string> faults)
    : std::runtime_error(join(faults)), faults_(std::move(faults)) {}

Config load_config(Environment const& environment) {
  SettingsReader reader(environment);
  Config config;
  config.loops = std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 64);
  config.host = reader.text("HOST").value_or(config.host);
  if (!http::is_listen_address(config.host)) {
    reader.fault("HOST", "'" + config.host + "' is not an IP address; use 127.0.0.1, 0.0.0.0 or ::");
  }
  reader.integer("PORT", config.port, 0, 65'535);
  if (auto directory = reader.text("DATA_DIR")) config.data_dir = *directory;
  reader.choice("BALCAO_ENV", config.production, {{"development", false}, {"production", true}});
  read_public_url(reader, config);
  read_jwt_secret(reader, config);
  read_signing_keys(reader, config);
  read_gateway(reader, config);
  read_webhooks(reader, config);
  reader.duration("ORDER_RESERVATION", config.order_reservation, 1, 30 * 86'400);
  reader.integer("UNPAID_ORDERS_PER_USER", config.unpaid_orders_per_user, 1, 1'000'000);
  reader.integer("UNPAID_PIECES_PER_USER", config.unpaid_pieces_per_user, 1, 1'000'000'000);
  read_storage(reader, config);
  read_services(reader, config);
  reader.integer("LOOPS", config.loops, 1, 64);
  read_passwords(reader, config);
  read_sessions(reader, config);
  read_administrator(reader, config);
  reader.choice("LOG_LEVEL", config.log_level,
                {{"debug", log::Level::debug},
                 {"info", log::Level::info},
                 {"warn", log::Level::warn},
                 {"error", log::Level::error}});
  if (config.production) config.log_format = log::Format::json;
  reader.choice("LOG_FORMAT", config.log_format, {{"text", log::Format::text}, {"json", log::Format::json}});
  reader.seconds("HEADER_TIMEOUT", config.limits.header_deadline);
  reader.seconds("BODY_TIMEOUT", config.limits.body_deadline);
  reader.seconds("IDLE_TIMEOUT", config.limits.idle_deadline);
  reader.seconds("WRITE_TIMEOUT", config.limits.write_deadline);
  reader.seconds("STARTUP_TIMEOUT", config.startup_timeout);
  reader.seconds("SHUTDOWN_TIMEOUT", config.shutdown_timeout);
  if (auto const list = reader.text("TRUSTED_PROXIES")) {
    auto proxies = http::TrustedProxies::parse(*list);
    if (proxies) config.limits.trusted_proxies = *std::move(proxies);
    if (!proxies) reader.fault("TRUSTED_PROXIES", proxies.error());
  }
  read_memory(reader, config, config.limits);
  if (!reader.faults.empty()) throw ConfigError(std::move(reader.faults));
  return config;
}

}  // namespace balcao::app
