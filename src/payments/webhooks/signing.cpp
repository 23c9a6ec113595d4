#include "payments/webhooks/signing.hpp"

#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"

namespace balcao::payments {
namespace {

constexpr std::string_view prefix = "whsec_";
constexpr std::size_t secret_bytes = 32;

std::string context_of(Id<WebhookEndpoint> endpoint) { return "webhook:" + endpoint.str(); }

/// A sealed secret begins with the version of the seal, which is no letter.
bool is_sealed(std::string const& stored) { return !stored.starts_with(prefix); }

}  // namespace

WebhookSecrets::WebhookSecrets(std::vector<std::string> const& encryption_keys) {
  if (!encryption_keys.empty()) sealer_.emplace(encryption_keys);
}

std::string WebhookSecrets::generate() {
  return std::string(prefix) + crypto::to_base64(crypto::random_bytes(secret_bytes));
}

std::string WebhookSecrets::put(std::string const& secret, Id<WebhookEndpoint> endpoint) const {
  return sealer_ ? sealer_->seal(secret, context_of(endpoint)) : secret;
}

std::optional<std::string> WebhookSecrets::take(std::string const& stored, Id<WebhookEndpoint> endpoint) const {
  if (!is_sealed(stored)) return stored;
  return sealer_ ? sealer_->open(stored, context_of(endpoint)) : std::nullopt;
}

std::optional<StoredSecrets> WebhookSecrets::renew(StoredSecrets const& stored, Id<WebhookEndpoint> endpoint) const {
  auto const is_current = [this](std::string const& one) { return is_sealed(one) && sealer_->is_current(one); };
  if (!sealer_ || (is_current(stored.secret) && (!stored.old_secret || is_current(*stored.old_secret)))) return {};
  auto const secret = take(stored.secret, endpoint);
  auto const old = stored.old_secret ? take(*stored.old_secret, endpoint) : std::nullopt;
  if (!secret || old.has_value() != stored.old_secret.has_value()) return std::nullopt;
  StoredSecrets renewed{put(*secret, endpoint), std::nullopt, stored.old_secret_until};
  if (old) renewed.old_secret = put(*old, endpoint);
  return renewed;
}

std::optional<std::vector<std::string>> WebhookSecrets::signing(StoredSecrets const& stored,
                                                                Id<WebhookEndpoint> endpoint, Time now) const {
  std::vector<std::string> secrets;
  auto const add = [&](std::string const& one) {
    auto secret = take(one, endpoint);
    if (secret) secrets.push_back(std::move(*secret));
    return secret.has_value();
  };
  if (!add(stored.secret)) return std::nullopt;
  bool const old_signs = stored.old_secret && stored.old_secret_until && now < *stored.old_secret_until;
  if (old_signs && !add(*stored.old_secret)) return std::nullopt;
  return secrets;
}

std::string webhook_timestamp(Time at) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
}

std::string sign_webhook(std::vector<std::string> const& secrets, std::string_view id, Time at, std::string_view body) {
  std::string signed_text(id);
  signed_text.append(".").append(webhook_timestamp(at)).append(".").append(body);
  std::string signatures;
  for (auto const& secret : secrets) {
    auto const key = secret.starts_with(prefix) ? crypto::from_base64(secret.substr(prefix.size())) : std::nullopt;
    if (!key) throw std::invalid_argument("a webhook secret is whsec_ and base64");
    signatures += (signatures.empty() ? "v1," : " v1,") + crypto::to_base64(crypto::hmac_sha256(*key, signed_text));
  }
  return signatures;
}

}  // namespace balcao::payments
