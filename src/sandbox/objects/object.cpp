#include "sandbox/objects/object.hpp"

namespace balcao::sandbox::objects {

std::string text_of(json::Object const& object, std::string_view member) {
  auto const* value = object.if_contains(member);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string Object::text(std::string_view member) const { return text_of(resource, member); }

std::int64_t Object::number(std::string_view member) const {
  auto const* value = resource.if_contains(member);
  return value && value->is_int64() ? value->get_int64() : 0;
}

bool Object::flag(std::string_view member) const {
  auto const* value = resource.if_contains(member);
  return value && value->is_bool() && value->get_bool();
}

}  // namespace balcao::sandbox::objects
