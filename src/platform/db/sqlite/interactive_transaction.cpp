#include "platform/db/sqlite/interactive_transaction.hpp"

#include "platform/db/sqlite/writer.hpp"

namespace balcao::db::sqlite {
namespace {

void refuse(InteractiveTransaction::Command command) {
  command.outcome->error = std::make_exception_ptr(
      overloaded("The transaction has ended or took too long", "A transação terminou ou demorou demais"));
  resume(std::move(command.waiter));
}

}  // namespace

void InteractiveTransaction::submit(Command command) {
  {
    std::lock_guard const lock(mutex_);
    if (ended_) return refuse(std::move(command));
    command_.emplace(std::move(command));
  }
  changed_.notify_all();
}

std::optional<InteractiveTransaction::Command> InteractiveTransaction::next(Deadline deadline, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, stop, deadline, [this] { return command_ || ended_; });
  return std::exchange(command_, std::nullopt);
}

void InteractiveTransaction::end() {
  std::optional<Command> late;
  {
    std::lock_guard const lock(mutex_);
    ended_ = true;
    late = std::exchange(command_, std::nullopt);
  }
  changed_.notify_all();
  if (late) refuse(std::move(*late));
}

Task<Rows> TransactionHandle::run(Call call) {
  auto results = co_await outcome_of(
      [&](Outcome* outcome, Waiter waiter) { transaction_->submit({std::move(call), outcome, std::move(waiter)}); });
  co_return std::move(results.front());
}

Task<> TransactionHandle::commit() { co_await run({&Writer::commit, {}}); }

}  // namespace balcao::db::sqlite
