#include "platform/db/postgres/settling.hpp"

#include <utility>

namespace balcao::db::postgres {
namespace {

bool spend_repeat(Unit& unit) {
  if (unit.repeats_left == 0) return false;
  --unit.repeats_left;
  return true;
}

std::exception_ptr loss_of(Unit const& unit) {
  switch (unit.effect) {
    case Effect::none:
      return not_connected();
    case Effect::at_once:
    case Effect::at_execution:
      return unknown_outcome(unit.calls.back().statement->name);
    case Effect::at_commit:
      return transaction_has_ended();
  }
  std::unreachable();
}

}  // namespace

std::unique_ptr<Unit> settle(boost::asio::io_context& loop, Pipeline::Answer answer) {
  auto& unit = answer.unit;
  if (answer.is_undone) return std::move(unit);
  if (answer.error) {
    // Its sync has come, or its failure for certain: whatever it had done is undone.
    if (answer.error->may_pass_again() && spend_repeat(*unit)) return std::move(unit);
    // The statement is prepared anew the next time; this transaction cannot go on.
    if (answer.error->is_of_preparation() && unit->effect == Effect::at_commit) {
      fail(loop, std::move(unit), transaction_has_ended());
      return nullptr;
    }
    auto const name = unit->calls[answer.failed_call].statement->name;
    fail(loop, std::move(unit), to_exception(*answer.error, name));
  } else if (answer.unreadable) {
    fail(loop, std::move(unit), std::move(answer.unreadable));
  } else {
    if (unit->outcome != nullptr) unit->outcome->results = std::move(answer.results);
    resume(loop, std::move(unit));
  }
  return nullptr;
}

std::unique_ptr<Unit> settle_lost(boost::asio::io_context& loop, Pipeline::Answer answer) {
  if (answer.error) return settle(loop, std::move(answer));
  auto& unit = answer.unit;
  bool const was_not_run = answer.is_unsent && unit->effect != Effect::at_execution;
  bool const is_harmless = unit->effect == Effect::none || was_not_run;
  if (is_harmless && spend_repeat(*unit)) return std::move(unit);
  auto error = is_harmless && unit->effect != Effect::at_commit ? not_connected() : loss_of(*unit);
  fail(loop, std::move(unit), std::move(error));
  return nullptr;
}

}  // namespace balcao::db::postgres
