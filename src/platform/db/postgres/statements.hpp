#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "platform/db/postgres/pipeline.hpp"
#include "platform/db/prepared_statements.hpp"

namespace balcao::db::postgres {

/// The statements that one connection has prepared, or is preparing.
class Statements {
 public:
  struct Found {
    std::shared_ptr<Prepared> statement;
    bool is_new;  ///< it must be prepared first
  };

  Found find(Call const& call);

  /// Those that `find` does not give any more, each once. The server must be told when nothing that uses them is in
  /// flight.
  std::vector<std::shared_ptr<Prepared>> take_evicted() { return std::exchange(evicted_, {}); }

 private:
  PreparedStatements<std::shared_ptr<Prepared>> known_;
  std::vector<std::shared_ptr<Prepared>> evicted_;
  std::uint64_t made_ = 0;
};

}  // namespace balcao::db::postgres
