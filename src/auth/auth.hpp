#pragma once

#include <optional>

#include "auth/accounts/accounts.hpp"
#include "auth/accounts/administration.hpp"
#include "auth/accounts/registrations.hpp"
#include "auth/accounts/setup.hpp"
#include "auth/audit/audit.hpp"
#include "auth/clients/client_tokens.hpp"
#include "auth/clients/service_accounts.hpp"
#include "auth/keys/ring.hpp"
#include "auth/login/login.hpp"
#include "auth/second_factor/second_factor.hpp"
#include "auth/sessions/sessions.hpp"
#include "contracts/auth.hpp"
#include "contracts/payments.hpp"
#include "platform/db/purge.hpp"
#include "platform/http/endpoint.hpp"
#include "platform/runtime/wake_up.hpp"

namespace balcao::auth {

/// What Auth stands on; all of it must outlive the service.
struct Ground {
  db::Database& database;
  shared::SharedState& shared;
  Workers& workers;
  Clock const& clock;
  access::Revocations& revocations;
  contracts::Payments& payments;
};

/// Auth, whole.
class Service final : public contracts::Auth {
 public:
  /// Making it does no I/O.
  Service(Ground ground, Settings settings, KeySettings keys);

  /// Does what must be done before the first request; throws what keeps it from that. See KeyRing::load.
  Task<> load() { return keys_.load(); }

  /// Its endpoints, those for other services among them; the service must outlive them.
  http::Endpoints endpoints();
  jobs::Jobs& jobs() { return jobs_; }
  /// Seals second factors with the key in use, and removes signing keys that are no longer needed, every minute until
  /// `stop`.
  Task<> tidy();
  /// Deletes sessions, refresh tokens and devices that are past their time, until `stop`.
  Task<> purge() { return purge_.run(); }
  void stop();

  Task<contracts::EndedSessions> ended_sessions(contracts::EndedSessionsCursor from) override;
  Task<bool> is_open(Uuid session, http::Trace trace) override;
  Task<contracts::KeySet> key_set() override;

  Login& login() { return login_; }
  Accounts& accounts() { return accounts_; }
  Registrations& registrations() { return registrations_; }
  Administration& administration() { return administration_; }
  Setup& setup() { return setup_; }
  Sessions& sessions() { return sessions_; }
  SecondFactors& second_factors() { return second_factors_; }
  Audit& audit() { return audit_; }
  ServiceAccounts& service_accounts() { return service_accounts_; }
  ClientTokens& client_tokens() { return client_tokens_; }
  /// The name that tokens are signed under.
  std::string const& issuer() const { return keys_.issuer(); }
  KeyRing& keys() { return keys_; }
  contracts::Payments& payments() { return payments_; }

 private:
  /// The jobs that follow a registration and an erasure.
  Task<> make_customer(std::string user_id);
  Task<> forget_user(std::string user_id);

  Settings const settings_;
  Clock const& clock_;
  contracts::Payments& payments_;
  std::optional<crypto::Sealer> const sealer_;
  AccountStore account_store_;
  SessionStore session_store_;
  ClientStore client_store_;
  SecondFactorStore second_factor_store_;
  AuditStore audit_store_;
  KeyStore key_store_;
  Audit audit_;
  KeyRing keys_;
  jobs::Jobs jobs_;
  Endings endings_;
  Passwords passwords_;
  Attempts attempts_;
  Sessions sessions_;
  SecondFactors second_factors_;
  Login login_;
  Accounts accounts_;
  Registrations registrations_;
  Administration administration_;
  Setup setup_;
  ServiceAccounts service_accounts_;
  ClientTokens client_tokens_;
  db::Purge purge_;
  std::atomic<bool> stopping_ = false;
  WakeUp wake_up_;
};

}  // namespace balcao::auth
