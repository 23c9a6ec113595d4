#include "platform/db/postgres/statements.hpp"

#include <algorithm>
#include <iterator>

#include "platform/db/postgres/values.hpp"

namespace balcao::db::postgres {

Statements::Found Statements::find(Call const& call) {
  auto* const known = known_.find(*call.statement);
  if (known != nullptr && !(*known)->failure) return {*known, false};
  auto made = std::make_shared<Prepared>(
      Prepared{"s" + std::to_string(++made_), std::string(call.statement->sql), types_of(call.params), {}});
  if (known != nullptr) {
    evicted_.push_back(std::exchange(*known, made));
  } else {
    std::ranges::move(known_.keep(*call.statement, made), std::back_inserter(evicted_));
  }
  return {std::move(made), true};
}

}  // namespace balcao::db::postgres
