#include "auth/auth.hpp"

#include <algorithm>

#include "platform/telemetry/log.hpp"

namespace balcao::auth {

Service::Service(Ground ground, Settings settings, std::vector<jwt::Key> keys)
    : settings_(std::move(settings)),
      clock_(ground.clock),
      payments_(ground.payments),
      key_set_(jwt::to_jwk_set(keys)),
      signer_(keys.back()),
      verifier_(keys, {settings_.issuer}, settings_.audience),
      account_store_(ground.database),
      session_store_(ground.database),
      audit_store_(ground.database),
      audit_(audit_store_, ground.clock),
      jobs_(ground.database, "auth", ground.clock),
      endings_(ground.revocations, ground.shared, ground.clock, settings_),
      passwords_(ground.workers, settings_.hashing),
      attempts_(ground.shared, ground.clock, settings_),
      sessions_({session_store_, audit_, signer_, verifier_, endings_, ground.clock, settings_}),
      login_({account_store_, passwords_, attempts_, sessions_, audit_, ground.clock}),
      accounts_({account_store_, passwords_, audit_, endings_, jobs_, ground.clock, settings_}),
      administration_({account_store_, audit_, endings_, ground.clock}),
      setup_(account_store_, accounts_, ground.clock) {
  jobs_.handle(std::string(customer_job), [this](jobs::Job const& job) { return make_customer(job.key); });
  jobs_.handle(std::string(forget_job), [this](jobs::Job const& job) { return forget_user(job.key); });
}

Task<> Service::make_customer(std::string user_id) {
  auto const id = Id<User>::parse(user_id);
  auto const user = id ? co_await account_store_.find_user(*id) : std::nullopt;
  if (user) co_await payments_.ensure_customer({user->id.uuid, user->username});
}

Task<> Service::forget_user(std::string user_id) {
  if (auto const id = Id<User>::parse(user_id)) co_await payments_.forget_user(id->uuid);
}

Task<contracts::EndedSessions> Service::ended_sessions(Time since) {
  auto const now = clock_.now();
  contracts::EndedSessions ended{{}, now};
  for (auto const& [session, ended_at] :
       co_await session_store_.ended_since(std::max(since, now - settings_.access_token_life))) {
    ended.sessions.push_back({session.uuid, ended_at + settings_.access_token_life});
  }
  co_return ended;
}

Task<bool> Service::is_open(Uuid session, http::Trace) {
  co_return co_await session_store_.is_open(Id<Session>{session}, clock_.now());
}

Task<std::string> Service::key_set() { co_return key_set_; }

void Service::stop() {
  stopping_ = true;
  wake_up_.ring();
}

Task<> Service::tidy() {
  for (;;) {
    co_await wake_up_.wait(std::chrono::minutes(1));
    if (stopping_) co_return;
    try {
      auto const now = clock_.now();
      co_await session_store_.purge(now - settings_.access_token_life, now - device_memory);
    } catch (std::exception const& error) {
      log::warn("sessions that are over stay for now", {{"error", error.what()}});
    }
  }
}

Task<std::vector<jwt::Key>> load_keys(KeyStore& store, std::optional<std::string> jwt_secret, Clock const& clock) {
  if (jwt_secret) co_return std::vector{jwt::Key::hs256(*jwt_secret)};

  auto stored = co_await store.signing_keys();
  if (stored.empty()) {
    auto const key = jwt::Key::generate_ed25519();
    co_await store.insert_first_key({key.kid(), key.private_bytes()}, clock.now());
    stored = co_await store.signing_keys();
  }
  std::vector<jwt::Key> keys;
  for (auto const& key : stored) keys.push_back(jwt::Key::ed25519(key.kid, key.private_bytes));
  co_return keys;
}

}  // namespace balcao::auth
