#pragma once

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <charconv>
#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <tuple>
#include <vector>

#include "platform/id.hpp"
#include "platform/json/decoder.hpp"
#include "platform/json/parse.hpp"

namespace balcao::json {

/// How a C++ type looks in JSON. One specialisation gives reading with all faults found, writing, and the schema:
///
///     static std::optional<T> decode(Value const&, Path const&, Decoder&);   nothing after reporting a fault
///     static void encode(T const&, std::string& out);
///     static Value schema(Schemas&);
///
/// There are codecs for the basic types, for every struct described with BOOST_DESCRIBE_STRUCT (in the .cpp file that
/// uses it), and for every type that carries its own rule (see Rule).
template <class T>
struct Codec;

/// A type whose values are text that keeps a rule: made only by `parse`, so that to hold one is to know that it is
/// good.
template <class T>
concept Rule = requires(T const& value, std::string_view text) {
  { T::parse(text) } -> std::same_as<std::expected<T, Text>>;
  { value.str() } -> std::convertible_to<std::string_view>;
  { T::schema() } -> std::convertible_to<Value>;
};

/// The same for whole numbers.
template <class T>
concept NumberRule = requires(T const& value, std::int64_t number) {
  { T::parse(number) } -> std::same_as<std::expected<T, Text>>;
  { value.number() } -> std::convertible_to<std::int64_t>;
  { T::schema() } -> std::convertible_to<Value>;
};

/// Writes a JSON string.
void encode_string(std::string_view text, std::string& out);

namespace detail {

std::optional<bool> decode_bool(Value const&, Path const&, Decoder&);
std::optional<std::int64_t> decode_integer(Value const&, Path const&, Decoder&);
std::optional<std::string_view> decode_text(Value const&, Path const&, Decoder&);
Object const* decode_object(Value const&, Path const&, Decoder&);
Array const* decode_array(Value const&, Path const&, Decoder&);
void encode_integer(std::int64_t number, std::string& out);

/// `balcao::auth::RegisterRequest` → `RegisterRequest`, `Page<balcao::products::Product>` → `PageProduct`.
std::string short_name(std::string_view pretty_function);

template <class T>
std::string type_name() {
  return short_name(__PRETTY_FUNCTION__);
}

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

}  // namespace detail

template <class T>
std::string encode(T const& value) {
  std::string out;
  Codec<T>::encode(value, out);
  return out;
}

/// Reads what another of our processes wrote; nothing where it is not a T. Members that are not known are skipped: the
/// other may be of a newer version.
template <class T>
std::optional<T> decode(Value const& document) {
  Decoder decoder;
  decoder.ignore_unknown();
  auto value = Codec<T>::decode(document, Path(), decoder);
  return decoder.count() == 0 ? std::move(value) : std::nullopt;
}

/// Any JSON.
template <>
struct Codec<Value> {
  static std::optional<Value> decode(Value const& value, Path const&, Decoder&) { return value; }
  static void encode(Value const& value, std::string& out) { out += to_text(value); }
  static Value schema(Schemas&) { return Object{}; }
};

template <>
struct Codec<bool> {
  static std::optional<bool> decode(Value const& value, Path const& path, Decoder& decoder) {
    return detail::decode_bool(value, path, decoder);
  }
  static void encode(bool value, std::string& out) { out += value ? "true" : "false"; }
  static Value schema(Schemas&) { return {{"type", "boolean"}}; }
};

template <>
struct Codec<std::int64_t> {
  static std::optional<std::int64_t> decode(Value const& value, Path const& path, Decoder& decoder) {
    return detail::decode_integer(value, path, decoder);
  }
  static void encode(std::int64_t value, std::string& out) { detail::encode_integer(value, out); }
  static Value schema(Schemas&) { return {{"type", "integer"}, {"format", "int64"}}; }
};

template <>
struct Codec<std::string> {
  static std::optional<std::string> decode(Value const& value, Path const& path, Decoder& decoder) {
    auto const text = detail::decode_text(value, path, decoder);
    return text ? std::optional<std::string>(*text) : std::nullopt;
  }
  static void encode(std::string const& value, std::string& out) { encode_string(value, out); }
  static Value schema(Schemas&) { return {{"type", "string"}}; }
};

template <>
struct Codec<Time> {
  static std::optional<Time> decode(Value const& value, Path const& path, Decoder& decoder);
  static void encode(Time value, std::string& out) { encode_string(to_rfc3339(value), out); }
  static Value schema(Schemas&) { return {{"type", "string"}, {"format", "date-time"}}; }
};

template <>
struct Codec<Uuid> {
  static std::optional<Uuid> decode(Value const& value, Path const& path, Decoder& decoder);
  static void encode(Uuid const& value, std::string& out) { encode_string(value.str(), out); }
  static Value schema(Schemas&) { return {{"type", "string"}, {"format", "uuid"}}; }
};

template <class Thing>
struct Codec<Id<Thing>> {
  static std::optional<Id<Thing>> decode(Value const& value, Path const& path, Decoder& decoder) {
    auto const uuid = Codec<Uuid>::decode(value, path, decoder);
    return uuid ? std::optional<Id<Thing>>(Id<Thing>{*uuid}) : std::nullopt;
  }
  static void encode(Id<Thing> const& value, std::string& out) { Codec<Uuid>::encode(value.uuid, out); }
  static Value schema(Schemas& schemas) { return Codec<Uuid>::schema(schemas); }
};

template <Rule T>
struct Codec<T> {
  static std::optional<T> decode(Value const& value, Path const& path, Decoder& decoder) {
    auto const text = detail::decode_text(value, path, decoder);
    if (!text) return std::nullopt;
    auto parsed = T::parse(*text);
    if (parsed) return std::move(*parsed);
    decoder.fault(path, std::move(parsed.error()));
    return std::nullopt;
  }
  static void encode(T const& value, std::string& out) { encode_string(value.str(), out); }
  static Value schema(Schemas&) { return T::schema(); }
};

template <NumberRule T>
struct Codec<T> {
  static std::optional<T> decode(Value const& value, Path const& path, Decoder& decoder) {
    auto const number = detail::decode_integer(value, path, decoder);
    if (!number) return std::nullopt;
    auto parsed = T::parse(*number);
    if (parsed) return std::move(*parsed);
    decoder.fault(path, std::move(parsed.error()));
    return std::nullopt;
  }
  static void encode(T const& value, std::string& out) { detail::encode_integer(value.number(), out); }
  static Value schema(Schemas&) { return T::schema(); }
};

/// `null` and a member that is left out are the same.
template <class T>
struct Codec<std::optional<T>> {
  static std::optional<std::optional<T>> decode(Value const& value, Path const& path, Decoder& decoder) {
    if (value.is_null()) return std::optional<T>{};
    auto decoded = Codec<T>::decode(value, path, decoder);
    return decoded ? std::optional<std::optional<T>>(std::move(decoded)) : std::nullopt;
  }
  static void encode(std::optional<T> const& value, std::string& out) {
    if (value) {
      Codec<T>::encode(*value, out);
    } else {
      out += "null";
    }
  }
  static Value schema(Schemas& schemas) {
    Value inner = Codec<T>::schema(schemas);
    auto* object = inner.if_object();
    if (object && object->contains("type") && object->at("type").is_string()) {
      object->at("type") = Array{object->at("type"), "null"};
      return inner;
    }
    return {{"anyOf", Array{std::move(inner), {{"type", "null"}}}}};
  }
};

template <class T>
struct Codec<std::vector<T>> {
  static std::optional<std::vector<T>> decode(Value const& value, Path const& path, Decoder& decoder) {
    auto const* array = detail::decode_array(value, path, decoder);
    if (!array) return std::nullopt;
    std::vector<T> elements;
    elements.reserve(array->size());
    for (std::size_t i = 0; i < array->size(); ++i) {
      auto element = Codec<T>::decode((*array)[i], path / i, decoder);
      if (element) elements.push_back(std::move(*element));
    }
    return elements;
  }
  static void encode(std::vector<T> const& value, std::string& out) {
    out += '[';
    for (bool first = true; auto const& element : value) {
      if (!std::exchange(first, false)) out += ',';
      Codec<T>::encode(element, out);
    }
    out += ']';
  }
  static Value schema(Schemas& schemas) { return {{"type", "array"}, {"items", Codec<T>::schema(schemas)}}; }
};

template <class T>
  requires boost::describe::has_describe_members<T>::value
struct Codec<T> {
  static std::optional<T> decode(Value const& value, Path const& path, Decoder& decoder) {
    auto const* object = detail::decode_object(value, path, decoder);
    if (!object) return std::nullopt;
    auto const faults_before = decoder.count();
    auto members = decode_members(*object, path, decoder, detail::Members<T>{});
    report_unknown(*object, path, decoder);
    if (decoder.count() != faults_before) return std::nullopt;
    return std::apply([](auto&... member) { return T{std::move(*member)...}; }, members);
  }

  static void encode(T const& value, std::string& out) {
    out += '{';
    bool first = true;
    boost::mp11::mp_for_each<detail::Members<T>>([&](auto member) {
      if (!std::exchange(first, false)) out += ',';
      encode_string(member.name, out);
      out += ':';
      Codec<std::remove_cvref_t<decltype(value.*member.pointer)>>::encode(value.*member.pointer, out);
    });
    out += '}';
  }

  /// Registers the struct among the components and refers to it.
  static Value schema(Schemas& schemas) {
    std::string const name = detail::type_name<T>();
    if (!schemas.components.contains(name)) {
      schemas.components[name] = nullptr;  // the place is taken before the members are looked at
      schemas.components[name] = members_schema(schemas);
    }
    return {{"$ref", "#/components/schemas/" + name}};
  }

 private:
  template <class Member>
  using Type = std::remove_cvref_t<decltype(std::declval<T&>().*Member::pointer)>;

  template <class Member>
  static std::optional<Type<Member>> decode_member(Object const& object, Path const& path, Decoder& decoder) {
    auto const* member = object.if_contains(Member::name);
    if (member) return Codec<Type<Member>>::decode(*member, path / std::string_view(Member::name), decoder);
    if constexpr (detail::is_optional<Type<Member>>) {
      return Type<Member>{};
    } else {
      decoder.missing(path / std::string_view(Member::name));
      return std::nullopt;
    }
  }

  template <template <class...> class List, class... Member>
  static std::tuple<std::optional<Type<Member>>...> decode_members(Object const& object, Path const& path,
                                                                   Decoder& decoder, List<Member...>) {
    return {decode_member<Member>(object, path, decoder)...};
  }

  static void report_unknown(Object const& object, Path const& path, Decoder& decoder) {
    for (auto const& member : object) {
      bool known = false;
      boost::mp11::mp_for_each<detail::Members<T>>(
          [&](auto described) { known = known || std::string_view(described.name) == std::string_view(member.key()); });
      if (!known) decoder.unknown(path / std::string_view(member.key()));
    }
  }

  static Value members_schema(Schemas& schemas) {
    Object properties;
    Array required;
    boost::mp11::mp_for_each<detail::Members<T>>([&](auto member) {
      using MemberType = Type<decltype(member)>;
      properties[member.name] = Codec<MemberType>::schema(schemas);
      if constexpr (!detail::is_optional<MemberType>) required.emplace_back(member.name);
    });
    Object schema{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (!required.empty()) schema["required"] = std::move(required);
    return schema;
  }
};

}  // namespace balcao::json
