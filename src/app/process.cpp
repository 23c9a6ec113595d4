#include "app/process.hpp"

#include <unistd.h>

#include <algorithm>

#include "app/api_document.hpp"
#include "app/auth_settings.hpp"
#include "app/shared_state.hpp"
#include "payments/gateway/stripe.hpp"
#include "platform/crypto/argon2.hpp"
#include "platform/crypto/random.hpp"
#include "platform/runtime/signals.hpp"
#include "platform/telemetry/log.hpp"
#include "platform/telemetry/output.hpp"

namespace balcao::app {
namespace {

/// Hashings that wait: at some 30 ms each and one a core, the last one waits about two seconds.
constexpr std::size_t waiting_hashes = 128;

/// The schemas of the services that run; with a real gateway there is no sandbox, and none of its tables.
std::vector<std::string> schemas_for(Config const& config, Selection const& selection) {
  std::vector<std::string> names;
  if (selection.auth) names.emplace_back("auth");
  if (selection.payments) names.emplace_back("payments");
  if (selection.products) names.emplace_back("products");
  if (selection.payments && !config.stripe_secret_key) names.emplace_back("sandbox");
  return names;
}

Others others_of(Config const& config) {
  constexpr std::size_t key_bytes = 32;
  auto key = config.service_key;
  if (!key && config.jwt_secret) key = contracts::derive_service_key(*config.jwt_secret);
  return {key ? *key : crypto::random_bytes(key_bytes), config.auth_url, config.payments_url, config.products_url};
}

/// Sees to it that the administrator of the settings exists, where there is none at all.
Task<> make_administrator(auth::Setup& setup, auth::Username username, auth::NewPassword password) {
  std::optional<Problem> refused;
  try {
    if (co_await setup.ensure_administrator(username, std::move(password))) {
      log::info("made the first administrator", {{"username", username.str()}});
    }
  } catch (Problem const& problem) {
    if (problem.status() >= 500) throw;
    refused = problem;
  }
  if (!refused) co_return;
  if (!refused->faults().empty()) throw ConfigError({"ADMIN_PASSWORD: " + refused->faults().front().detail.en});
  throw ConfigError({"ADMIN_USERNAME: there is a user '" + username.str() +
                     "' who is no administrator; choose another name, or: balcao user promote " + username.str()});
}

/// The address as clients on this machine can use it: one to listen on may mean all there are.
std::string own_url(std::string address) {
  for (std::string_view const all : {"//0.0.0.0:", "//[::]:"}) {
    if (auto const at = address.find(all); at != address.npos) address.replace(at, all.size(), "//localhost:");
  }
  return address;
}

/// Ends the process as it is: nothing is destroyed.
[[noreturn]] void exit_now() {
  output::flush();
  ::_exit(0);
}

/// Tries until it goes well or the time is over. `what` is for people.
template <class Attempt>
Task<> insist(std::string what, std::chrono::steady_clock::time_point end, Attempt attempt) {
  for (bool first = true;; first = false) {
    std::string reason;
    try {
      co_await attempt();
      if (!first) log::info("it is there now", {{"what", what}});
      co_return;
    } catch (Problem const& problem) {
      reason = problem.detail().en;
    } catch (ConfigError const&) {
      throw;  // time does not mend it
    } catch (db::SchemaMismatch const&) {
      throw;
    } catch (auth::SealedKey const& sealed) {
      throw ConfigError({sealed.what()});
    } catch (std::exception const& error) {
      reason = error.what();
    }
    if (first) log::warn("waiting", {{"for", what}, {"reason", reason}});
    if (std::chrono::steady_clock::now() >= end) {
      throw StartupTimeout(what + " was not there within STARTUP_TIMEOUT: " + reason);
    }
    co_await pause(std::chrono::milliseconds(first ? 50 : 250));
  }
}

}  // namespace

Process::Process(Config const& config, Selection selection)
    : config_(config),
      selection_(selection),
      clock_(system_clock()),
      memory_(config.memory_budget),
      loops_(config.loops),
      server_(loops_, config.host, config.port, config.limits, memory_),
      storage_(place_of(config), Storage::Use::exclusive, loops_, schemas_for(config, selection)),
      workers_(hashing_threads(config), waiting_hashes, crypto::argon2::release_memory),
      shared_(make_shared_state(config, loops_, clock_)),
      entrance_(system_) {
  system_.openapi = openapi_response(api_document());
  system_.storage = &storage_;
  system_.shared = shared_.get();
  if (!selection_.payments) return;
  if (config_.stripe_secret_key) {
    gateway_ = payments::make_stripe({config_.stripe_api_base, *config_.stripe_secret_key});
  } else {
    local_gateway_ = std::make_unique<LocalGateway>(loops_, storage_.database("sandbox"), clock_,
                                                    own_url(server_.address()) + "/stripe/webhook", memory_);
    gateway_ = payments::make_stripe({local_gateway_->address(), local_gateway_->secret_key()});
  }
}

Process::~Process() = default;

std::optional<std::string> Process::sandbox_address() const {
  return local_gateway_ ? std::optional(local_gateway_->address()) : std::nullopt;
}

Task<> Process::prepare() {
  auto const end = std::chrono::steady_clock::now() + config_.startup_timeout;
  co_await insist("the database", end, [this] { return storage_.ping(); });
  co_await insist("Redis", end, [this] { return shared_->ping(); });
  // Where this process's role may not migrate, it waits for whoever does.
  co_await insist("the schemas", end, [this]() -> Task<> {
    if (int const applied = co_await storage_.migrate(clock_)) {
      log::info("schemas brought up to date", {{"steps", applied}});
    }
  });
  auto const schema = [this](bool runs, std::string_view name) { return runs ? &storage_.database(name) : nullptr; };
  Ground const ground{schema(selection_.auth, "auth"),
                      schema(selection_.payments, "payments"),
                      schema(selection_.products, "products"),
                      gateway_.get(),
                      payment_settings(),
                      *shared_,
                      workers_,
                      clock_,
                      loops_.size(),
                      {config_.order_reservation, config_.unpaid_orders_per_user, config_.unpaid_pieces_per_user}};
  auto const others = others_of(config_);
  auto settings = auth_settings(config_);
  settings.issuer = config_.public_url.value_or(own_url(server_.address()));
  services_ = std::make_unique<Services>(ground, others, selection_, std::move(settings), key_settings(config_));
  co_await insist(selection_.auth ? "the database" : "Auth", end, [this] { return services_->load(); });

  if (selection_.auth) {
    co_await insist("the first administrator", end, [this] { return let_first_administrator_in(); });
  }

  auto all = services_->endpoints();
  std::ranges::move(endpoints(system_), std::back_inserter(all));
  router_ = std::make_unique<http::Router>(std::move(all), services_->guard());
  if (local_gateway_) {
    local_gateway_->start();
    for (auto& task : local_gateway_->background()) in_background(std::move(task));
  }
  for (auto& task : services_->background()) in_background(std::move(task));
  system_.set_aside = [this] { return services_->set_aside(); };
  system_.started = true;
  entrance_.open(*router_);
}

payments::Settings Process::payment_settings() const {
  auto secrets = config_.stripe_webhook_secrets;
  if (local_gateway_) secrets = {local_gateway_->webhook_secret()};
  return {std::move(secrets), {config_.webhook_allow_private, config_.production, config_.key_encryption_keys}};
}

Task<> Process::let_first_administrator_in() {
  auto& setup = services_->auth()->setup();
  if (config_.admin_username) {
    co_return co_await make_administrator(setup, *config_.admin_username, *config_.admin_password);
  }
  if (auto const secret = co_await setup.make_link()) {
    output::write(output::Stream::out,
                  "There is no administrator yet. Whoever opens this link within a day may become it:\n\n  " +
                      services_->auth()->issuer() + "/setup?token=" + *secret + "\n\n");
  }
}

void Process::run() {
  server_.start(entrance_);
  start(loops_[0], begin());
  start(loops_[0], end_on_signal());
  loops_.run();
  if (failure_) std::rethrow_exception(failure_);
}

Task<> Process::begin() {
  try {
    co_await prepare();
  } catch (...) {
    failure_ = std::current_exception();
  }
  if (!failure_) co_return;
  co_await server_.drain(std::chrono::seconds(3));  // longer than the entrance lets a request wait
  loops_.stop();
}

void Process::in_background(Task<> task) {
  ++background_tasks_;
  auto const counted = [](Task<> inner, std::atomic<int>& count) -> Task<> {
    co_await std::move(inner);
    --count;
  };
  start(loops_[0], counted(std::move(task), background_tasks_));
}

Task<> Process::end_on_signal() {
  auto const signal = co_await termination_signal();
  log::info("shutting down", {{"signal", signal}});
  system_.draining = true;
  if (!system_.started) exit_now();  // nothing has been begun
  auto left = co_await server_.drain(config_.shutdown_timeout);
  services_->stop();
  if (local_gateway_) local_gateway_->stop();
  auto const end = std::chrono::steady_clock::now() + config_.shutdown_timeout;
  while (background_tasks_ > 0 && std::chrono::steady_clock::now() < end) {
    co_await pause(std::chrono::milliseconds(2));
  }
  if (local_gateway_) left += co_await local_gateway_->drain(std::chrono::seconds(1));
  if (left > 0 || background_tasks_ > 0) {
    // Something still holds on to the services, so they cannot be taken down in order. All that was acknowledged is on
    // disk.
    log::warn("cut off what was not finished in time", {{"requests", left}, {"tasks", background_tasks_.load()}});
    exit_now();
  }
  loops_.stop();
}

}  // namespace balcao::app
