#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

#include "platform/db/database.hpp"
#include "platform/db/sqlite/waiter.hpp"

namespace balcao::db::sqlite {

/// Where the owner of an open transaction and the writer thread meet: one command at a time.
class InteractiveTransaction {
 public:
  struct Command {
    Call call;
    Outcome* outcome;
    Waiter waiter;
  };

  /// For the owner. Refused with Problem `unavailable` once the transaction has ended.
  void submit(Command command);

  /// For the writer: the next command; nothing when the owner gave up, took too long, or the writer is to stop.
  std::optional<Command> next(Deadline deadline, std::stop_token stop);

  /// For both: nothing more will be done.
  void end();

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Command> command_;
  bool ended_ = false;
};

/// The owner's end of it. Destroying it rolls back what is not committed.
class TransactionHandle final : public Transaction {
 public:
  explicit TransactionHandle(std::shared_ptr<InteractiveTransaction> transaction)
      : transaction_(std::move(transaction)) {}
  ~TransactionHandle() override { transaction_->end(); }

  Task<> commit();

 private:
  Task<Rows> run(Call call) override;

  std::shared_ptr<InteractiveTransaction> transaction_;
};

}  // namespace balcao::db::sqlite
