#include "app/process.hpp"

#include <unistd.h>

#include "payments/stripe.hpp"
#include "platform/runtime/signals.hpp"
#include "platform/shared/memory/memory.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::app {
namespace {

/// Hashings that wait: at some 30 ms each and one a core, the last one waits about two seconds.
constexpr std::size_t waiting_hashes = 128;

std::unique_ptr<payments::Gateway> make_gateway(Config const& config, LocalGateway const* local) {
  if (local) return payments::make_stripe({local->address(), local->secret_key()});
  return payments::make_stripe({config.stripe_api_base, *config.stripe_secret_key});
}

/// With a real gateway there is no sandbox, and none of its files.
std::vector<std::string> schemas_for(Config const& config) {
  auto names = Storage::all();
  if (config.stripe_secret_key) std::erase(names, "sandbox");
  return names;
}

auth::Settings auth_settings(Config const& config) {
  auth::Settings settings;
  settings.password_min_length = config.password_min_length;
  return settings;
}

}  // namespace

Process::Process(Config const& config)
    : config_(config),
      clock_(system_clock()),
      loops_(config.loops),
      server_(loops_, config.host, config.port, config.limits),
      storage_(config.data_dir, Storage::Use::exclusive, schemas_for(config)),
      workers_(config.loops, waiting_hashes),
      shared_(shared::memory::make(clock_)) {
  run_to_end(loops_[0], prepare());
}

Process::~Process() = default;

Task<> Process::prepare() {
  if (int const applied = co_await storage_.migrate(clock_))
    log::info("schemas brought up to date", {{"steps", applied}});

  if (!config_.stripe_secret_key) {
    local_gateway_ = std::make_unique<LocalGateway>(loops_, storage_.database("sandbox"), clock_);
  }
  gateway_ = make_gateway(config_, local_gateway_.get());
  auth::Store auth_store(storage_.database("auth"));
  auto keys = co_await auth::load_keys(auth_store, config_.jwt_secret, clock_);
  services_.emplace(Ground{storage_.database("auth"), storage_.database("payments"), storage_.database("products"),
                           *shared_, *gateway_, workers_, clock_, loops_.size()},
                    auth_settings(config_), std::move(keys));
  co_await services_->revocation_feed().load();

  system_.storage = &storage_;
  auto all = services_->endpoints();
  std::ranges::move(endpoints(system_), std::back_inserter(all));
  system_.openapi = openapi_response(all);
  router_ = std::make_unique<http::Router>(std::move(all), services_->guard());
}

std::optional<std::string> Process::sandbox_address() const {
  return local_gateway_ ? std::optional(local_gateway_->address()) : std::nullopt;
}

void Process::run() {
  if (local_gateway_) local_gateway_->start();
  in_background(services_->revocation_feed().follow());
  in_background(services_->payment_jobs().run());
  balcao::start(loops_[0], end_on_signal());
  server_.start(*router_);
  loops_.run();
}

void Process::in_background(Task<> task) {
  ++background_tasks_;
  auto const counted = [](Task<> inner, std::atomic<int>& count) -> Task<> {
    co_await std::move(inner);
    --count;
  };
  balcao::start(loops_[0], counted(std::move(task), background_tasks_));
}

Task<> Process::end_on_signal() {
  auto const signal = co_await termination_signal();
  log::info("shutting down", {{"signal", signal}});
  system_.draining = true;
  auto left = co_await server_.drain(config_.shutdown_timeout);
  services_->payment_jobs().stop();
  services_->revocation_feed().stop();
  auto const end = std::chrono::steady_clock::now() + config_.shutdown_timeout;
  while (background_tasks_ > 0 && std::chrono::steady_clock::now() < end) {
    co_await pause(std::chrono::milliseconds(2));
  }
  if (local_gateway_) left += co_await local_gateway_->drain(std::chrono::seconds(1));
  if (left > 0 || background_tasks_ > 0) {
    // Something still holds on to the services, so they cannot be taken down in order. All that was acknowledged is on
    // disk.
    log::warn("cut off what was not finished in time", {{"requests", left}, {"tasks", background_tasks_.load()}});
    ::_exit(0);
  }
  loops_.stop();
}

}  // namespace balcao::app
