#include "platform/db/postgres/values.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <string_view>

#include "platform/crypto/hash.hpp"

namespace balcao::db::postgres {
namespace {

/// The numbers that PostgreSQL's built-in types have had for decades (pg_type.dat).
namespace oid {
constexpr Oid boolean = 16, bytea = 17, name = 19, int8 = 20, int2 = 21, int4 = 23, text = 25, json = 114, float4 = 700,
              float8 = 701, bpchar = 1042, varchar = 1043, timestamptz = 1184, numeric = 1700, void_ = 2278,
              uuid = 2950, jsonb = 3802;
}

/// PostgreSQL counts microseconds from 2000-01-01. What lies outside of what it can count is infinitely far away.
constexpr Time epoch{std::chrono::sys_days{std::chrono::January / 1 / 2000}};
constexpr Time last_time{std::chrono::sys_days{std::chrono::year{32'000} / std::chrono::December / 31}};
constexpr Time first_time{std::chrono::sys_days{std::chrono::year{1} / std::chrono::January / 1}};

std::int64_t ticks(Time time) {
  if (time > last_time) return INT64_MAX;
  if (time < first_time) return INT64_MIN;
  return (time - epoch).count();
}

Time from_ticks(std::int64_t count) {
  if (count == INT64_MAX) return Time::max();
  if (count == INT64_MIN) return Time::min();
  return epoch + std::chrono::microseconds{count};
}

template <class Integer>
std::string big_endian(Integer number) {
  if constexpr (std::endian::native == std::endian::little) number = std::byteswap(number);
  std::string bytes(sizeof number, '\0');
  std::memcpy(bytes.data(), &number, sizeof number);
  return bytes;
}

template <class Integer>
Integer from_big_endian(std::string_view bytes) {
  Integer number{};
  if (bytes.size() < sizeof number) throw std::logic_error("a column is shorter than its type");
  std::copy_n(bytes.begin(), sizeof number, reinterpret_cast<char*>(&number));
  if constexpr (std::endian::native == std::endian::little) number = std::byteswap(number);
  return number;
}

std::string binary(Value const& value) {
  return std::visit(
      [](auto const& held) -> std::string {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, bool>) {
          return {held ? '\1' : '\0'};
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          return big_endian(held);
        } else if constexpr (std::is_same_v<T, double>) {
          return big_endian(std::bit_cast<std::int64_t>(held));
        } else if constexpr (std::is_same_v<T, Time>) {
          return big_endian(ticks(held));
        } else {
          return {};  // passed as it stands
        }
      },
      value);
}

std::string text(Value const& value) {
  return std::visit(
      [](auto const& held) -> std::string {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, bool>) {
          return held ? "t" : "f";
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          return std::to_string(held);
        } else if constexpr (std::is_same_v<T, double>) {
          std::array<char, 32> digits{};
          return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), held).ptr};
        } else if constexpr (std::is_same_v<T, Time>) {
          return held > last_time ? "infinity" : held < first_time ? "-infinity" : to_rfc3339(held);
        } else if constexpr (std::is_same_v<T, Uuid>) {
          return held.str();
        } else if constexpr (std::is_same_v<T, Bytes>) {
          return "\\x" + crypto::to_hex(held.data);
        } else if constexpr (std::is_same_v<T, std::string>) {
          return held;
        } else {
          return {};
        }
      },
      value);
}

/// What is the same in the Value as on the wire.
std::optional<std::string_view> as_it_stands(Value const& value) {
  if (auto const* string = std::get_if<std::string>(&value)) return *string;
  if (auto const* bytes = std::get_if<Bytes>(&value)) return bytes->data;
  if (auto const* uuid = std::get_if<Uuid>(&value)) {
    return std::string_view(reinterpret_cast<char const*>(uuid->bytes.data()), uuid->bytes.size());
  }
  return std::nullopt;
}

/// `sum(bigint)` is numeric: an integer in base 10000, its digits before a weight.
std::int64_t integer_from_numeric(std::string_view bytes) {
  static constexpr std::uint16_t negative = 0x4000;
  auto const part = [&](std::size_t index) {
    return from_big_endian<std::uint16_t>(bytes.substr(std::min(index * 2, bytes.size())));
  };
  int const digits = part(0);
  int const weight = static_cast<std::int16_t>(part(1));
  auto const sign = part(2);
  bool const is_integer = digits == 0 || digits <= weight + 1;
  if (!is_integer || weight > 4 || (sign != 0 && sign != negative)) {
    throw std::logic_error("a numeric column is not an integer that fits; the statement must cast it");
  }
  __int128 sum = 0;
  for (int i = 0; i <= weight && digits != 0; ++i) {
    sum = sum * 10'000 + (i < digits ? part(4 + static_cast<std::size_t>(i)) : 0);
  }
  if (sign == negative) sum = -sum;
  auto const number = static_cast<std::int64_t>(sum);
  if (number != sum) throw std::logic_error("a numeric column does not fit");
  return number;
}

Value decode(std::string_view bytes, Oid type) {
  switch (type) {
    case oid::boolean:
      return from_big_endian<std::int8_t>(bytes) != 0;
    case oid::int2:
      return std::int64_t{from_big_endian<std::int16_t>(bytes)};
    case oid::int4:
      return std::int64_t{from_big_endian<std::int32_t>(bytes)};
    case oid::int8:
      return from_big_endian<std::int64_t>(bytes);
    case oid::numeric:
      return integer_from_numeric(bytes);
    case oid::float4:
      return static_cast<double>(std::bit_cast<float>(from_big_endian<std::int32_t>(bytes)));
    case oid::float8:
      return std::bit_cast<double>(from_big_endian<std::int64_t>(bytes));
    case oid::text:
    case oid::varchar:
    case oid::bpchar:
    case oid::name:
    case oid::json:
      return std::string(bytes);
    case oid::jsonb:
      return std::string(bytes.substr(1));  // after the version of its form
    case oid::timestamptz:
      return from_ticks(from_big_endian<std::int64_t>(bytes));
    case oid::uuid: {
      Uuid uuid;
      if (bytes.size() != uuid.bytes.size()) throw std::logic_error("a uuid has not 16 bytes");
      std::memcpy(uuid.bytes.data(), bytes.data(), bytes.size());
      return uuid;
    }
    case oid::bytea:
      return Bytes{std::string(bytes)};
    case oid::void_:
      return std::monostate{};
    default:
      throw std::logic_error("a column has PostgreSQL's type " + std::to_string(type) + "; the statement must cast it");
  }
}

}  // namespace

Oid type_of(Value const& value) {
  static constexpr std::array<Oid, 8> types{0,         oid::boolean,     oid::int8, oid::float8,
                                            oid::text, oid::timestamptz, oid::uuid, oid::bytea};
  return types.at(value.index());
}

std::vector<Oid> types_of(std::vector<Value> const& params) {
  std::vector<Oid> types;
  types.reserve(params.size());
  for (Value const& value : params) types.push_back(type_of(value));
  return types;
}

void Parameters::assign(std::vector<Value> const& params, std::vector<Oid> const& prepared) {
  if (held_.size() < params.size()) held_.resize(params.size());
  values_.assign(params.size(), nullptr);
  lengths_.assign(params.size(), 0);
  formats_.assign(params.size(), 1);
  for (std::size_t i = 0; i < params.size(); ++i) {
    Value const& value = params[i];
    if (std::holds_alternative<std::monostate>(value)) continue;
    bool const is_binary = i < prepared.size() && prepared[i] == type_of(value);
    auto bytes = is_binary ? as_it_stands(value) : std::nullopt;
    if (!bytes) bytes = held_[i] = is_binary ? binary(value) : text(value);
    values_[i] = bytes->data();
    lengths_[i] = static_cast<int>(bytes->size());
    formats_[i] = is_binary ? 1 : 0;
  }
}

Rows decode(PGresult* result) {
  Rows rows;
  int const columns = PQnfields(result);
  int const count = PQntuples(result);
  rows.rows.reserve(static_cast<std::size_t>(count));
  for (int row = 0; row < count; ++row) {
    std::vector<Value> values;
    values.reserve(static_cast<std::size_t>(columns));
    for (int column = 0; column < columns; ++column) {
      if (PQgetisnull(result, row, column) != 0) {
        values.emplace_back();
        continue;
      }
      auto const size = static_cast<std::size_t>(PQgetlength(result, row, column));
      values.push_back(decode({PQgetvalue(result, row, column), size}, PQftype(result, column)));
    }
    rows.rows.emplace_back(std::move(values));
  }
  if (!std::string_view(PQcmdStatus(result)).starts_with("SELECT")) {
    std::string_view const changed = PQcmdTuples(result);
    std::from_chars(changed.data(), changed.data() + changed.size(), rows.affected);
  }
  return rows;
}

}  // namespace balcao::db::postgres
