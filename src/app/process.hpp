#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "app/entrance.hpp"
#include "app/local_gateway.hpp"
#include "app/services.hpp"

namespace balcao::app {

/// A serving process: everything that `balcao serve` runs, made from the configuration and wired together here.
class Process {
 public:
  /// Takes the port and the data; nothing is served yet. The port comes first: where it is in use, the data is not
  /// touched. Throws http::CannotListen, StorageError, db::Error.
  Process(Config const& config, Selection selection);
  ~Process();

  std::string address() const { return server_.address(); }
  Storage const& storage() const { return storage_; }
  /// Where the sandbox inside is, if there is one.
  std::optional<std::string> sandbox_address() const;

  /// Serves until SIGTERM or SIGINT. At first only about itself: it waits for what it needs, for at most
  /// STARTUP_TIMEOUT, and brings the schemas up to date. At the end /readyz says so, requests under way are finished,
  /// and it returns. Throws what keeps it from starting: StartupTimeout, ConfigError, db::SchemaMismatch, db::Error.
  void run();

 private:
  Task<> begin();
  Task<> prepare();
  /// Makes the administrator that the settings name, or prints the link for one.
  payments::Settings payment_settings() const;
  Task<> let_first_administrator_in();
  Task<> end_on_signal();
  void in_background(Task<> task);

  Config const config_;
  Selection const selection_;
  Clock const& clock_;
  MemoryBudget memory_;  ///< of what clients send, and of answers that they do not take
  Loops loops_;
  http::Server server_;
  Storage storage_;
  Workers workers_;
  std::unique_ptr<shared::SharedState> shared_;
  System system_;
  Entrance entrance_;
  std::unique_ptr<LocalGateway> local_gateway_;
  std::unique_ptr<payments::Gateway> gateway_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<http::Router> router_;
  std::atomic<int> background_tasks_ = 0;
  std::exception_ptr failure_;  ///< what keeps it from starting
};

/// What a process needs was not there in time; the message says what, and why.
class StartupTimeout : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace balcao::app
