#include "app/auth_settings.hpp"

#include <algorithm>

namespace balcao::app {

auth::Settings auth_settings(Config const& config) {
  auth::Settings settings;
  settings.password_min_length = config.password_min_length;
  settings.hashing = config.hashing;
  settings.access_token_life = config.access_token_lifetime;
  settings.refresh_token_life = config.session_idle_timeout;
  settings.session_life = config.session_lifetime;
  settings.attempts_per_account = config.login_attempts_per_account;
  settings.attempts_per_address = config.login_attempts_per_address;
  settings.attempt_window = config.login_attempt_window;
  settings.registrations_per_address = config.registrations_per_address;
  return settings;
}

std::size_t hashing_threads(Config const& config) {
  constexpr std::size_t memory_kib = std::size_t{512} * 1024;
  return std::clamp<std::size_t>(memory_kib / config.hashing.cost.memory_kib, 1, config.loops);
}

auth::KeySettings key_settings(Config const& config) {
  return {config.jwt_secret, config.key_encryption_keys, config.signing_algorithm,
          config.key_rotation_days ? std::optional(std::chrono::days(config.key_rotation_days)) : std::nullopt};
}

}  // namespace balcao::app
