#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/db/database.hpp"
#include "platform/json/value.hpp"
#include "sandbox/transport/list.hpp"

namespace balcao::sandbox::events {

struct Event {
  std::string id;
  Time created_at;
  std::string type;
  json::Object resource{};  ///< as the API shows it
};

enum class Delivery { any, successful, pending };

/// Which events a list is about.
struct Filter {
  CreatedRange created;
  std::string like{};                ///< a pattern for the type: `payment_intent.%`
  std::vector<std::string> types{};  ///< none: every type
  Delivery delivery = Delivery::any;
};

/// `sandbox.events`, and `sandbox.deliveries`: who is to hear of them, and has.
class Store {
 public:
  explicit Store(db::Database& database) : database_(database) {}

  Task<std::optional<Event>> find(std::string id);
  /// At most `count` events older than `place`, newest first.
  Task<std::vector<Event>> older(Filter filter, Position place, std::size_t count);
  /// At most `count` events newer than `place`, oldest first.
  Task<std::vector<Event>> newer(Filter filter, Position place, std::size_t count);

  /// To how many listeners it has not been delivered.
  Task<std::int64_t> pending(std::string event);
  Task<> delivered(std::string event, std::string endpoint, Time now);
  /// Nobody waits for it any more.
  Task<> forget_delivery(std::string event, std::string endpoint);

  static db::Call insert(Event const& event);
  static db::Call expect_delivery(Event const& event, std::string const& endpoint);

  /// For db::Purge: events, and deliveries, that are not younger.
  Task<std::int64_t> purge(Time kept_since, std::int64_t most);
  Task<std::int64_t> purge_deliveries(Time kept_since, std::int64_t most);

 private:
  db::Database& database_;
};

}  // namespace balcao::sandbox::events
