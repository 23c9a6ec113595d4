#pragma once

#include "platform/json/codec.hpp"

namespace balcao::json {

/// The members of a JSON Merge Patch (RFC 7396) know three cases: left out, `null`, a value.

/// A member of what can be without it.
template <class T>
struct Removable {
  /// Left out: nothing. `null`: the inner one is nothing.
  std::optional<std::optional<T>> change;
};

/// A member of what always has it: `null` is a fault.
template <class T>
struct Replaceable {
  std::optional<T> change;
};

namespace detail {

template <class T>
inline constexpr bool is_optional<Removable<T>> = true;
template <class T>
inline constexpr bool is_optional<Replaceable<T>> = true;

}  // namespace detail

template <class T>
struct Codec<Removable<T>> {
  static std::optional<Removable<T>> decode(Value const& value, Path const& path, Decoder& decoder) {
    auto member = Codec<std::optional<T>>::decode(value, path, decoder);
    return member ? std::optional(Removable<T>{std::move(*member)}) : std::nullopt;
  }
  static Value schema(Schemas& schemas) { return Codec<std::optional<T>>::schema(schemas); }
};

template <class T>
struct Codec<Replaceable<T>> {
  static std::optional<Replaceable<T>> decode(Value const& value, Path const& path, Decoder& decoder) {
    if (value.is_null()) {
      decoder.fault(path, {"It cannot be removed.", "Não pode ser removido."});
      return std::nullopt;
    }
    auto member = Codec<T>::decode(value, path, decoder);
    return member ? std::optional(Replaceable<T>{std::move(*member)}) : std::nullopt;
  }
  static Value schema(Schemas& schemas) { return Codec<T>::schema(schemas); }
};

}  // namespace balcao::json
