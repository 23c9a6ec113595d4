#pragma once

#include <libpq-fe.h>

#include <string>
#include <vector>

#include "platform/db/value.hpp"

namespace balcao::db::postgres {

/// The type that the server is told when a statement is prepared. For NULL none: it finds out from where the parameter
/// stands. Where it cannot, as in `SELECT $1`, the statement says it: `$1::bigint`.
Oid type_of(Value const& value);
std::vector<Oid> types_of(std::vector<Value> const& params);

/// A call's parameters as libpq takes them. Binary where the statement was prepared for the value's type, else text,
/// which suits whatever type it was prepared for. Valid while `params` live; its memory is used again.
class Parameters {
 public:
  void assign(std::vector<Value> const& params, std::vector<Oid> const& prepared);

  int count() const { return static_cast<int>(values_.size()); }
  char const* const* values() const { return values_.data(); }
  int const* lengths() const { return lengths_.data(); }
  int const* formats() const { return formats_.data(); }

 private:
  std::vector<std::string> held_;  ///< what is not passed as it stands in the Value
  std::vector<char const*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

/// The rows of a result in binary form, and the number changed. A column of a type that Value does not have is a bug
/// and throws std::logic_error; the statement must cast it.
Rows decode(PGresult* result);

}  // namespace balcao::db::postgres
