#pragma once

#include <memory>
#include <optional>
#include <string>

#include "platform/http/endpoint.hpp"

namespace balcao::contracts {

class ServiceTokens;

/// An order as Payments needs it, to make a page where it is paid.
struct OrderToPay {
  std::int64_t amount;  ///< in the currency's minor unit
  std::string currency;
  std::string description;
  bool payable;     ///< it waits to be paid there
  Time expires_at;  ///< until when its pieces are reserved
};

/// What Products does for Payments. From coroutines on any loop. Where Products cannot be asked, every call throws a
/// Problem `unavailable`.
class Products {
 public:
  virtual ~Products() = default;

  /// A hint that there is news of an order's payment, for Products to ask Payments about. Any order and any number of
  /// hints is right, also for an order that there is not.
  virtual Task<> order_changed(Uuid order) = 0;

  /// An order of this user; nothing for another's, or where there is none.
  virtual Task<std::optional<OrderToPay>> order_to_pay(Uuid order, Uuid user) = 0;
};

/// Lets other processes ask `products`, which must outlive the endpoints.
http::Endpoints endpoints(Products& products);

/// Asks the Products of another process, at this address. `tokens` must outlive it. Throws std::invalid_argument for an
/// address that is none.
std::unique_ptr<Products> remote_products(std::string base_url, ServiceTokens const& tokens);

}  // namespace balcao::contracts
