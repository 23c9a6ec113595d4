#pragma once

#include <memory>
#include <vector>

#include "platform/db/postgres/leases.hpp"

namespace balcao::db::postgres {

/// A transaction on a connection of its own. Destroying it rolls back what is not committed.
class InteractiveTransaction final : public Transaction {
 public:
  InteractiveTransaction(std::shared_ptr<Leases> leases, std::shared_ptr<Connection> connection, Deadline deadline)
      : leases_(std::move(leases)), connection_(std::move(connection)), deadline_(deadline) {}
  ~InteractiveTransaction() override { end(); }
  InteractiveTransaction(InteractiveTransaction const&) = delete;

  Task<> commit();

 private:
  Task<Rows> run(Call call) override;
  Task<std::vector<Rows>> say(std::vector<Call> calls, Effect effect);
  void end();

  std::shared_ptr<Leases> leases_;
  std::shared_ptr<Connection> connection_;  ///< none once it has ended
  Deadline deadline_;
  bool is_open_ = false;
};

}  // namespace balcao::db::postgres
