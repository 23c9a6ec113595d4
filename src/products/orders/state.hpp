#pragma once

#include "products/orders/model.hpp"

namespace balcao::products::orders {

/// Takes over what Payments says of an order's payment. What is final stays. No I/O.
Order take_over(Order order, contracts::Settlement const& told, Time now);

/// The order on its way to an end without payment: Payments has to call it off first, and only then are its pieces
/// given back.
Order calling_off(Order order, Order::Status ending, Time now);

/// The order on its way back from being paid.
Order refunding(Order order, Time now);

/// Whether something is another but when to look at it again.
bool differ(Order const& one, Order const& other);

/// When to look at it again, if nothing is heard; none where there is nothing to do.
std::optional<Time> next_look(Order const& order, Time now);

}  // namespace balcao::products::orders
