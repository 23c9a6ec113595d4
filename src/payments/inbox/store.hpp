#pragma once

#include "payments/gateway/objects.hpp"
#include "platform/db/database.hpp"

namespace balcao::payments {

/// An event that is to be seen to.
struct DueEvent {
  std::string id;
  std::string type;
  std::string object_id;
  std::string intent_id;
  std::int64_t tries;
};

/// The gateway's events, and all SQL about them.
class InboxStore {
 public:
  explicit InboxStore(db::Database& database) : database_(database) {}

  /// Each once, however often it comes. No `due`: it tells nothing that we have to see to.
  Task<> insert(GatewayEvent event, Time received_at, std::optional<Time> due);
  /// Events that are due, the oldest first; no other process is given them before `next`.
  Task<std::vector<DueEvent>> take_due(Time now, Time next, std::size_t most);
  /// All of them at once.
  Task<> processed(std::vector<std::string> ids, Time now);
  Task<> due_at(std::vector<std::string> ids, Time when);
  Task<> purge(Time before);

 private:
  db::Database& database_;
};

}  // namespace balcao::payments
