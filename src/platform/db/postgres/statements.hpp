#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "platform/db/postgres/pipeline.hpp"

namespace balcao::db::postgres {

/// The statements that one connection has prepared, or is preparing.
class Statements {
 public:
  struct Found {
    std::shared_ptr<Prepared> statement;
    bool is_new;  ///< it must be prepared first
  };

  Found find(Call const& call);

 private:
  std::unordered_map<Statement const*, std::shared_ptr<Prepared>> known_;
  std::uint64_t made_ = 0;
};

}  // namespace balcao::db::postgres
