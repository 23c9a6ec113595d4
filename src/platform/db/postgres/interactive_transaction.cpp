#include "platform/db/postgres/interactive_transaction.hpp"

#include <utility>

namespace balcao::db::postgres {
namespace {

// As on SQLite, what it has read cannot change before it writes: where it would have, the commit fails.
constexpr Statement begin{"begin", "BEGIN ISOLATION LEVEL SERIALIZABLE"};
constexpr Statement commit_all{"commit", "COMMIT"};

}  // namespace

Task<Rows> InteractiveTransaction::run(Call call) {
  std::vector<Call> calls;
  if (!std::exchange(is_open_, true)) calls.push_back(db::call(begin));  // costs no round trip of its own
  calls.push_back(std::move(call));
  auto results = co_await say(std::move(calls), Effect::at_commit);
  co_return std::move(results.back());
}

Task<> InteractiveTransaction::commit() {
  if (is_open_) {
    if (connection_) leases_->keep_beyond_deadline(*connection_);
    co_await say({db::call(commit_all)}, Effect::at_execution);
    is_open_ = false;
  }
  end();
}

Task<std::vector<Rows>> InteractiveTransaction::say(std::vector<Call> calls, Effect effect) {
  if (!connection_ || !connection_->is_usable()) {
    end();
    std::rethrow_exception(transaction_has_ended());
  }
  Unit unit;
  unit.calls = std::move(calls);
  unit.effect = effect;
  unit.deadline = deadline_;
  try {
    co_return co_await outcome_of(std::move(unit),
                                  [this](std::unique_ptr<Unit> owned) { connection_->send(std::move(owned)); });
  } catch (...) {
    end();  // a statement that fails ends the transaction
    throw;
  }
}

void InteractiveTransaction::end() {
  if (connection_) leases_->give_back(std::exchange(connection_, nullptr), is_open_);
}

}  // namespace balcao::db::postgres
