#include "platform/db/value.hpp"

#include <array>

namespace balcao::db::detail {
namespace {

[[noreturn]] void refuse(Value const& value, std::string_view wanted) {
  static constexpr std::array<std::string_view, 8> names{"NULL", "bool", "integer", "double",
                                                         "text", "Time", "Uuid",    "Bytes"};
  throw std::logic_error("a column holds " + std::string(names.at(value.index())) + " where the program reads " +
                         std::string(wanted));
}

template <class T>
T const& exactly(Value const& value, std::string_view wanted) {
  if (auto const* held = std::get_if<T>(&value)) return *held;
  refuse(value, wanted);
}

}  // namespace

// SQLite has no boolean, time or uuid of its own: these come back as the integer or text that was stored.

bool as_bool(Value const& value) {
  auto const* integer = std::get_if<std::int64_t>(&value);
  if (integer && (*integer == 0 || *integer == 1)) return *integer == 1;
  return exactly<bool>(value, "bool");
}

Time as_time(Value const& value) {
  if (auto const* micros = std::get_if<std::int64_t>(&value)) return Time{std::chrono::microseconds{*micros}};
  return exactly<Time>(value, "Time");
}

Uuid as_uuid(Value const& value) {
  if (auto const* text = std::get_if<std::string>(&value)) {
    if (auto const uuid = Uuid::parse(*text)) return *uuid;
  }
  return exactly<Uuid>(value, "Uuid");
}

std::int64_t as_integer(Value const& value) { return exactly<std::int64_t>(value, "integer"); }
double as_double(Value const& value) { return exactly<double>(value, "double"); }
std::string const& as_text(Value const& value) { return exactly<std::string>(value, "text"); }
Bytes const& as_bytes(Value const& value) { return exactly<Bytes>(value, "Bytes"); }

}  // namespace balcao::db::detail
