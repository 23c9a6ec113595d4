#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/http/endpoint.hpp"

namespace balcao::contracts {

class ServiceTokens;

/// A user as Auth announces him.
struct NewUser {
  Uuid id;
  std::string username;
};

/// A user's own customer at the payment gateway.
struct Customer {
  Uuid id;
  std::string status;                     ///< `pending`, `active` or `refused`
  std::optional<std::string> gateway_id;  ///< `cus_…`, once it is active
  Time created_at;
};

/// A payment in short.
struct Payment {
  Uuid id;
  std::int64_t amount;  ///< in the currency's minor unit
  std::string currency;
  std::string status;
  Time created_at;
};

/// What Payments knows of a user.
struct Account {
  std::optional<Customer> customer;
  std::vector<Payment> payments;  ///< the newest first, at most twenty
};

/// What Payments does for the other services. From coroutines on any loop. Where Payments cannot be asked, every call
/// throws a Problem `unavailable`.
class Payments {
 public:
  virtual ~Payments() = default;

  /// Sees to it that the user has a customer at the gateway: one, however often it is asked. Returns once that is
  /// certain to happen, which may be before it has.
  virtual Task<> ensure_customer(NewUser user) = 0;

  /// Sees to it that what is known of a user who has been erased is erased there too, at the gateway as well; the books
  /// stay. Returns once that is certain to happen, however often it is asked.
  virtual Task<> forget_user(Uuid user) = 0;

  virtual Task<Account> account_of(Uuid user, http::Trace trace) = 0;
};

/// Lets other processes ask `payments`, which must outlive the endpoints.
http::Endpoints endpoints(Payments& payments);

/// Asks the Payments of another process, at this address. `tokens` must outlive it. Throws std::invalid_argument for an
/// address that is none.
std::unique_ptr<Payments> remote_payments(std::string base_url, ServiceTokens const& tokens);

}  // namespace balcao::contracts
