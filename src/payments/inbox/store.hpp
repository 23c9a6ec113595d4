#pragma once

#include "payments/gateway/objects.hpp"
#include "platform/jobs/due_rows.hpp"

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
  /// Events that are due; `read` says what the work is given.
  jobs::DueRows& due() { return due_; }
  static std::vector<DueEvent> read(db::Rows const& rows);
  /// All of them at once.
  Task<> processed(std::vector<std::string> ids, Time now);
  Task<> due_at(std::vector<std::string> ids, Time when);
  /// Removes at most `most` that came before; gives how many.
  Task<std::int64_t> purge(Time before, std::int64_t most);

 private:
  db::Database& database_;
  jobs::DueRows due_{database_,
                     {.name = "payments.gateway_events",
                      .kind = "gateway event",
                      .due = "due_at",
                      .columns = "id, type, object_id, intent_id, tries",
                      .counts = "tries"}};
};

}  // namespace balcao::payments
