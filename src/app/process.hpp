#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "app/config.hpp"
#include "app/local_gateway.hpp"
#include "app/services.hpp"
#include "app/storage.hpp"
#include "app/system.hpp"

namespace balcao::app {

/// A serving process: everything that `balcao serve` runs, made from the configuration and wired together here.
class Process {
 public:
  /// Takes the port and the data directory and brings the schemas up to date; nothing is served yet. The port comes
  /// first: where it is in use, the data is not touched. Throws http::CannotListen, StorageError, db::SchemaMismatch,
  /// db::Error.
  explicit Process(Config const& config);
  ~Process();

  std::string address() const { return server_.address(); }
  /// Where the sandbox inside is, if there is one.
  std::optional<std::string> sandbox_address() const;

  /// Serves until SIGTERM or SIGINT. Then /readyz says so, requests under way are finished, and it returns.
  void run();

 private:
  Task<> prepare();
  Task<> end_on_signal();
  void in_background(Task<> task);

  Config const config_;
  Clock const& clock_;
  Loops loops_;
  http::Server server_;
  Storage storage_;
  Workers workers_;
  std::unique_ptr<shared::SharedState> shared_;
  std::unique_ptr<LocalGateway> local_gateway_;
  std::unique_ptr<payments::Gateway> gateway_;
  std::optional<Services> services_;
  System system_;
  std::unique_ptr<http::Router> router_;
  std::atomic<int> background_tasks_ = 0;
};

}  // namespace balcao::app
