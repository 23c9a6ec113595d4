#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "products/catalog/model.hpp"

namespace balcao::products {

/// The names that `sort` takes: created_at, price, name; `-` before one turns it round.
std::optional<Order> parse_order(std::string_view text);

/// A position as an opaque text for clients, good for its order only.
std::string to_cursor(Position const& position, Order order);
/// Nothing for what is no cursor of this order.
std::optional<Position> parse_cursor(std::string_view cursor, Order order);

}  // namespace balcao::products
