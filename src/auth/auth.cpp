#include "auth/auth.hpp"

#include <algorithm>

#include "platform/telemetry/log.hpp"

namespace balcao::auth {
namespace {

std::optional<crypto::Sealer> sealer_with(std::vector<std::string> const& encryption_keys) {
  return encryption_keys.empty() ? std::nullopt : std::optional(crypto::Sealer(encryption_keys));
}

}  // namespace

Service::Service(Ground ground, Settings settings, KeySettings keys)
    : settings_(std::move(settings)),
      clock_(ground.clock),
      payments_(ground.payments),
      sealer_(sealer_with(keys.encryption_keys)),
      account_store_(ground.database),
      session_store_(ground.database),
      client_store_(ground.database),
      second_factor_store_(ground.database),
      audit_store_(ground.database),
      key_store_(ground.database),
      audit_(audit_store_, ground.clock),
      keys_({key_store_, audit_, ground.clock}, settings_, std::move(keys)),
      jobs_(ground.database, "auth", ground.clock),
      endings_(ground.revocations, ground.shared, ground.clock, settings_),
      passwords_(ground.workers, settings_.hashing),
      attempts_(ground.shared, ground.clock, settings_),
      sessions_({session_store_, audit_, keys_.signer(), keys_.verifier(), endings_, ground.clock, settings_}),
      second_factors_({second_factor_store_, account_store_, audit_, attempts_, sealer_, ground.clock}),
      login_({account_store_, passwords_, attempts_, second_factors_, sessions_, audit_, ground.clock}),
      accounts_({account_store_, passwords_, audit_, endings_, jobs_, ground.clock, settings_}),
      registrations_(accounts_, ground.shared, ground.clock, settings_),
      administration_({account_store_, audit_, endings_, ground.clock}),
      setup_(account_store_, accounts_, ground.clock),
      service_accounts_({client_store_, audit_, endings_, attempts_, ground.clock}),
      client_tokens_({client_store_, session_store_, audit_, keys_.signer(), keys_.verifier(), endings_, ground.shared,
                      ground.clock, settings_}),
      purge_(ground.clock) {
  jobs_.handle(std::string(customer_job), [this](jobs::Job const& job) { return make_customer(job.key); });
  jobs_.handle(std::string(forget_job), [this](jobs::Job const& job) { return forget_user(job.key); });
  auto const life = settings_.access_token_life;  // an access token is refused as long as its session is here
  purge_.add("auth.sessions that ended",
             [this, life](Time now, std::int64_t most) { return session_store_.purge_ended(now - life, most); });
  purge_.add("auth.sessions that expired",
             [this, life](Time now, std::int64_t most) { return session_store_.purge_expired(now - life, most); });
  purge_.add("auth.devices",
             [this](Time now, std::int64_t most) { return session_store_.purge_devices(now - device_memory, most); });
}

Task<> Service::make_customer(std::string user_id) {
  auto const id = Id<User>::parse(user_id);
  auto const user = id ? co_await account_store_.find_user(*id) : std::nullopt;
  if (user) co_await payments_.ensure_customer({user->id.uuid, user->username});
}

Task<> Service::forget_user(std::string user_id) {
  if (auto const id = Id<User>::parse(user_id)) co_await payments_.forget_user(id->uuid);
}

Task<contracts::EndedSessions> Service::ended_sessions(contracts::EndedSessionsCursor from) {
  auto const now = clock_.now();
  auto const oldest = contracts::EndedSessionsCursor{now - settings_.access_token_life, {}};
  contracts::EndedSessions page{{}, now, contracts::digest_of(*keys_.published()), {}};
  auto const [since, after] = std::max(from, oldest);
  auto const ended = co_await session_store_.ended_since(since, Id<Session>{after}, contracts::ended_sessions_page);
  for (auto const& [session, ended_at] : ended) {
    page.sessions.push_back({session.uuid, ended_at + settings_.access_token_life});
  }
  if (ended.size() == contracts::ended_sessions_page) {
    page.next = contracts::EndedSessionsCursor{ended.back().ended_at, ended.back().session.uuid};
  }
  co_return page;
}

Task<bool> Service::is_open(Uuid session, http::Trace) {
  co_return co_await session_store_.is_open(Id<Session>{session}, clock_.now());
}

Task<contracts::KeySet> Service::key_set() { co_return *keys_.published(); }

void Service::stop() {
  stopping_ = true;
  keys_.stop();
  purge_.stop();
  wake_up_.ring();
}

Task<> Service::tidy() {
  auto const see_to = [](Task<> work, std::string_view what) -> Task<bool> {
    try {
      co_await std::move(work);
      co_return true;
    } catch (std::exception const& error) {
      log::warn("left for the next minute", {{"what", what}, {"error", error.what()}});
      co_return false;
    }
  };
  bool seals_are_current = false;
  for (;;) {
    if (!seals_are_current) {
      seals_are_current = co_await see_to(second_factors_.renew_seals(), "the seals of second factors");
    }
    co_await wake_up_.wait(std::chrono::minutes(1));
    if (stopping_) co_return;
    co_await see_to(keys_.tidy(), "the signing keys");
  }
}

}  // namespace balcao::auth
