#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "platform/id.hpp"
#include "platform/runtime/clock.hpp"

namespace balcao::db {

/// Raw bytes: `bytea` in PostgreSQL, BLOB in SQLite.
struct Bytes {
  std::string data;
  bool operator==(Bytes const&) const = default;
};

/// One bound parameter or one column of a row. How a type looks in the engine:
///
///     bool    boolean        INTEGER 0 or 1
///     Time    timestamptz    INTEGER, microseconds since 1970
///     Uuid    uuid           TEXT, canonical form
///     Bytes   bytea          BLOB
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Time, Uuid, Bytes>;

namespace detail {

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

template <class T>
struct is_id : std::false_type {};
template <class T>
struct is_id<Id<T>> : std::true_type {};

}  // namespace detail

/// Makes the parameter for a C++ value: integers, text, `Id<T>`, `std::optional<T>` (empty is NULL) and Value's own
/// types.
template <class T>
Value to_value(T const& value) {
  if constexpr (detail::is_optional<T>::value) {
    return value ? to_value(*value) : Value{};
  } else if constexpr (detail::is_id<T>::value) {
    return value.uuid;
  } else if constexpr (std::is_same_v<T, bool>) {
    return value;
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<std::int64_t>(value);
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    return std::string(std::string_view(value));
  } else {
    return Value{value};
  }
}

/// One row of a result. `get<T>` is given the column's position in the statement and the type that the schema promises;
/// another type, or NULL where T is not optional, is a bug and throws std::logic_error.
class Row {
 public:
  explicit Row(std::vector<Value> columns) : columns_(std::move(columns)) {}

  template <class T>
  T get(std::size_t column) const;

  std::size_t size() const { return columns_.size(); }

 private:
  std::vector<Value> columns_;
};

/// What a statement gave: its rows, and how many rows it changed.
struct Rows {
  std::vector<Row> rows;
  std::int64_t affected = 0;

  bool empty() const { return rows.empty(); }
  std::size_t size() const { return rows.size(); }
  Row const& front() const { return rows.front(); }
  auto begin() const { return rows.begin(); }
  auto end() const { return rows.end(); }
};

namespace detail {

bool as_bool(Value const&);
std::int64_t as_integer(Value const&);
double as_double(Value const&);
std::string const& as_text(Value const&);
Time as_time(Value const&);
Uuid as_uuid(Value const&);
Bytes const& as_bytes(Value const&);

}  // namespace detail

template <class T>
T Row::get(std::size_t column) const {
  Value const& value = columns_.at(column);
  if constexpr (detail::is_optional<T>::value) {
    if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
    return get<typename T::value_type>(column);
  } else if constexpr (detail::is_id<T>::value) {
    return T{detail::as_uuid(value)};
  } else if constexpr (std::is_same_v<T, bool>) {
    return detail::as_bool(value);
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(detail::as_integer(value));
  } else if constexpr (std::is_same_v<T, double>) {
    return detail::as_double(value);
  } else if constexpr (std::is_same_v<T, Time>) {
    return detail::as_time(value);
  } else if constexpr (std::is_same_v<T, Uuid>) {
    return detail::as_uuid(value);
  } else if constexpr (std::is_same_v<T, Bytes>) {
    return detail::as_bytes(value);
  } else {
    static_assert(std::is_same_v<T, std::string>);
    return detail::as_text(value);
  }
}

}  // namespace balcao::db
