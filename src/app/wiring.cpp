#include "app/wiring.hpp"

namespace balcao::app {

std::vector<std::string> production_warnings(Config const& config, Selection const& selection) {
  std::vector<std::string> warnings;
  if (!config.production || !selection.auth) return warnings;
  if (!config.jwt_secret && config.key_encryption_keys.empty()) {
    warnings.emplace_back(
        "KEY_ENCRYPTION_KEY is not set (nor JWT_SECRET): whoever reads the database or a backup of it can sign tokens. "
        "Make one with: openssl rand -hex 32");
  }
  if (!config.public_url) {
    warnings.emplace_back(
        "PUBLIC_URL is not set: tokens name this process's own address as their issuer, which clients may not reach");
  }
  return warnings;
}

void require_wiring(Config const& config, Selection const& selection) {
  std::vector<std::string> faults;
  auto const need = [&faults](bool asked, bool here, std::optional<std::string> const& url, std::string const& what) {
    if (asked && !here && !url) faults.push_back(what + ", and this process does not run it: say where it is");
  };
  need(selection.payments || selection.products, selection.auth, config.auth_url,
       "AUTH_URL: payments and products ask Auth");
  need(selection.auth || selection.products, selection.payments, config.payments_url,
       "PAYMENTS_URL: auth and products ask Payments");
  need(selection.payments, selection.products, config.products_url, "PRODUCTS_URL: payments asks Products");
  if (config.production && selection.payments && !config.stripe_secret_key) {
    faults.emplace_back("STRIPE_SECRET_KEY: production needs it; without it payments go to the sandbox");
  }
  if (!selection.is_whole()) {
    if (!config.redis_url) {
      faults.emplace_back("REDIS_URL: services in processes of their own need it, so that each learns what has ended");
    }
    if (!config.service_key && !config.jwt_secret) {
      faults.emplace_back(
          "SERVICE_KEY: services in processes of their own need it (or JWT_SECRET), the same in each, to know each "
          "other (make one: openssl rand -hex 32)");
    }
  }
  if (!faults.empty()) throw ConfigError(std::move(faults));
}

}  // namespace balcao::app
