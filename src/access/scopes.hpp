#pragma once

#include <array>
#include <string_view>

/// What service accounts can be let do (RFC 6749 §3.3): the names that endpoints ask for and tokens carry.
namespace balcao::access::scopes {

inline constexpr std::string_view orders_read = "orders:read";
inline constexpr std::string_view orders_write = "orders:write";
inline constexpr std::string_view products_write = "products:write";
inline constexpr std::string_view payments_read = "payments:read";
inline constexpr std::string_view payments_write = "payments:write";
inline constexpr std::string_view users_read = "users:read";

inline constexpr std::array all{orders_read, orders_write, payments_read, payments_write, products_write, users_read};

/// Whether `wanted` is among `granted`, names with single spaces between them. Nothing is granted under an empty name.
bool contains(std::string_view granted, std::string_view wanted);

}  // namespace balcao::access::scopes
