#pragma once

#include "payments/webhooks/model.hpp"
#include "platform/crypto/sealed.hpp"

namespace balcao::payments {

/// The secrets by which integrators know our deliveries: `whsec_` and the base64 of what signs. Immutable, hence safe
/// from any thread.
class WebhookSecrets {
 public:
  /// Throws std::invalid_argument for a key-encryption key that is too short.
  explicit WebhookSecrets(std::vector<std::string> const& encryption_keys);

  /// A new one, as the integrator is shown it.
  static std::string generate();
  /// The form in which an endpoint's secret rests.
  std::string put(std::string const& secret, Id<WebhookEndpoint> endpoint) const;
  /// Nothing where no key-encryption key here opens it.
  std::optional<std::string> take(std::string const& stored, Id<WebhookEndpoint> endpoint) const;
  /// The same secrets as they should rest; nothing where they rest so, or cannot be opened.
  std::optional<StoredSecrets> renew(StoredSecrets const& stored, Id<WebhookEndpoint> endpoint) const;

  /// The secrets that sign at `now`, newest first; nothing where one cannot be opened.
  std::optional<std::vector<std::string>> signing(StoredSecrets const& stored, Id<WebhookEndpoint> endpoint,
                                                  Time now) const;

 private:
  std::optional<crypto::Sealer> sealer_;
};

/// The value of `webhook-signature` (Standard Webhooks 1.0): for each secret `v1,` and the base64 of an HMAC-SHA256
/// over `id.timestamp.body`, with spaces between. Throws std::invalid_argument for a secret that is none.
std::string sign_webhook(std::vector<std::string> const& secrets, std::string_view id, Time at, std::string_view body);

/// Seconds since 1970, as `webhook-timestamp` has them.
std::string webhook_timestamp(Time at);

}  // namespace balcao::payments
