#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "platform/runtime/clock.hpp"
#include "sandbox/webhooks/store.hpp"

namespace balcao::sandbox::webhooks {

/// Who wants to be told: an enabled endpoint of the API, or the one that the program itself names.
struct Listener {
  std::string id;
  std::string url;
  std::string secret;
  std::vector<std::string> events{"*"};  ///< their types; `*`: all of them

  bool hears(std::string_view type) const;
};

bool somebody_hears(std::vector<Listener> const& listeners, std::string_view type);

/// The listeners of now, kept in memory: each call of the API asks for them. What this process changes is seen with
/// the next call, what another one changes within a second. Safe from any thread.
class Listeners {
 public:
  using List = std::shared_ptr<std::vector<Listener> const>;

  /// `own` is there besides what the database holds, each process having its own.
  Listeners(db::Database& database, std::optional<Listener> own) : store_(database), own_(std::move(own)) {}

  Task<List> current();
  /// The listener with this id; looks again before it says that there is none.
  Task<std::optional<Listener>> find(std::string id);
  /// The endpoints have changed.
  void forget();

 private:
  Task<List> load();

  Store store_;
  std::optional<Listener> const own_;
  std::mutex mutex_;
  List list_;
  SteadyTime loaded_at_{};
  std::uint64_t changes_ = 0;
};

}  // namespace balcao::sandbox::webhooks
