#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "platform/json/value.hpp"
#include "platform/runtime/clock.hpp"

namespace balcao::sandbox::objects {

/// Something that the API knows by an id: an intent, a charge, a refund. Its members say all that is known of it.
struct Object {
  Time created_at;
  std::int64_t version = 1;
  json::Object resource{};  ///< as the API shows it

  json::Value& operator[](std::string_view member) { return resource[member]; }

  /// A member that is a text; empty where it is null or not there.
  std::string text(std::string_view member) const;
  /// A member that is a whole number; 0 where it is null or not there.
  std::int64_t number(std::string_view member) const;
  bool flag(std::string_view member) const;

  std::string id() const { return text("id"); }
  std::string kind() const { return text("object"); }
};

/// The same for any JSON object.
std::string text_of(json::Object const& object, std::string_view member);

}  // namespace balcao::sandbox::objects
