#include "platform/db/postgres/statements.hpp"

#include "platform/db/postgres/values.hpp"

namespace balcao::db::postgres {

Statements::Found Statements::find(Call const& call) {
  auto& known = known_[call.statement];
  // A statement that was made at run time may stand where an earlier one stood: the text decides.
  if (known && known->sql == call.statement->sql && !known->failure) return {known, false};
  known = std::make_shared<Prepared>(
      Prepared{"s" + std::to_string(++made_), std::string(call.statement->sql), types_of(call.params), {}});
  return {known, true};
}

}  // namespace balcao::db::postgres
