#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "platform/runtime/clock.hpp"

namespace balcao {

/// A UUID (RFC 9562), kept as its 16 bytes.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  /// A new version 7 UUID: its first 48 bits are `now` in milliseconds, so ids sort by the time that they were made;
  /// ids made by one thread in one millisecond keep their order too (RFC 9562 §6.2, method 1).
  static Uuid make(Time now);

  /// The canonical form, in either case; nothing for anything else.
  static std::optional<Uuid> parse(std::string_view text);

  /// The canonical form in lower case: `0193…-….`
  std::string str() const;

  auto operator<=>(Uuid const&) const = default;
};

/// Behind every UUID that is made: what stands behind it in a list from the newest on is all of it.
inline constexpr Uuid last_uuid{
    {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/// The id of one kind of thing, so that a user's id cannot stand where a product's is meant.
template <class Thing>
struct Id {
  Uuid uuid;

  static Id make(Time now) { return {Uuid::make(now)}; }
  static std::optional<Id> parse(std::string_view text) {
    auto const uuid = Uuid::parse(text);
    return uuid ? std::optional<Id>{Id{*uuid}} : std::nullopt;
  }
  std::string str() const { return uuid.str(); }

  auto operator<=>(Id const&) const = default;
};

}  // namespace balcao

template <>
struct std::hash<balcao::Uuid> {
  std::size_t operator()(balcao::Uuid const& id) const noexcept {
    std::uint64_t tail = 0;  // the random end of a version 7 UUID
    for (std::size_t i = 8; i < 16; ++i) tail = tail << 8 | id.bytes[i];
    return std::hash<std::uint64_t>{}(tail);
  }
};

template <class Thing>
struct std::hash<balcao::Id<Thing>> {
  std::size_t operator()(balcao::Id<Thing> const& id) const noexcept { return std::hash<balcao::Uuid>{}(id.uuid); }
};
