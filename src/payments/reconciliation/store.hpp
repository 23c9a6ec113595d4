#pragma once

#include "payments/reconciliation/drift.hpp"
#include "platform/db/database.hpp"

namespace balcao::payments {

/// The drifts that were found, and when what goes on by itself has last looked; all SQL about them.
class ReconciliationStore {
 public:
  explicit ReconciliationStore(db::Database& database) : database_(database) {}

  /// Keeps the drifts, each once until it is resolved.
  Task<> note(std::vector<Drift> drifts, Time now);
  /// Resolves those that were not seen again since.
  Task<> resolve_unseen(Time since, Time now);

  /// Whether this process is the one to look now: it is the time, and no other has taken it. Since when there was no
  /// look.
  Task<std::optional<Time>> take_look(std::string name, Time now, Time next);

 private:
  db::Database& database_;
};

}  // namespace balcao::payments
