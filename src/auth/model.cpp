#include "auth/model.hpp"

#include <algorithm>

#include "platform/fields.hpp"

namespace balcao::auth {

std::expected<Username, Text> Username::parse(std::string_view text) {
  std::string name(text);
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  bool const clean = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
  });
  if (clean && name.size() >= 3 && name.size() <= 64) return Username(std::move(name));
  return std::unexpected(Text{"It must have 3 to 64 of the characters a-z, 0-9, `.`, `_` and `-`.",
                              "Deve ter de 3 a 64 dos caracteres a-z, 0-9, `.`, `_` e `-`."});
}

json::Value Username::schema() {
  return {{"type", "string"}, {"pattern", "^[A-Za-z0-9._-]{3,64}$"}, {"description", "kept in lower case"}};
}

std::expected<NewPassword, Text> NewPassword::parse(std::string_view text) {
  if (text.size() <= max_bytes) return NewPassword(std::string(text));
  return std::unexpected(Text{"It must have at most 1024 bytes.", "Deve ter no máximo 1024 bytes."});
}

json::Value NewPassword::schema() {
  return {{"type", "string"},
          {"format", "password"},
          {"minLength", 8},
          {"maxLength", max_bytes},
          {"description", "not one of the common ones, not the username"}};
}

Origin Origin::of(std::string address, std::string user_agent) {
  constexpr std::size_t longest = 256;
  user_agent.resize(std::min(user_agent.size(), longest));
  std::ranges::replace_if(user_agent, [](char c) { return c < ' ' || c > '~'; }, '?');
  return {std::move(address), std::move(user_agent)};
}

std::expected<RoleName, Text> RoleName::parse(std::string_view text) {
  if (text == "user" || text == "admin") return RoleName(parse_role(text));
  return std::unexpected(Text{"It must be `user` or `admin`.", "Deve ser `user` ou `admin`."});
}

json::Value RoleName::schema() { return {{"type", "string"}, {"enum", {"user", "admin"}}}; }

std::string_view to_string(Role role) {
  switch (role) {
    case Role::admin:
      return "admin";
    case Role::service:
      return "service";
    case Role::user:
      break;
  }
  return "user";
}

Role parse_role(std::string_view text) {
  if (text == "admin") return Role::admin;
  return text == "service" ? Role::service : Role::user;
}

}  // namespace balcao::auth
