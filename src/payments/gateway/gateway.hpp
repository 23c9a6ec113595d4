#pragma once

#include <optional>
#include <stdexcept>
#include <string>

#include "platform/runtime/clock.hpp"
#include "platform/runtime/task.hpp"

namespace balcao::payments {

/// The gateway said no, and asking again would give the same answer.
class GatewayRefused : public std::runtime_error {
 public:
  enum class Reason { request, key };  ///< what it did not like: what was asked, or who asks
  GatewayRefused(Reason reason, std::string code, std::string const& message)
      : std::runtime_error(message), reason_(reason), code_(std::move(code)) {}
  Reason reason() const { return reason_; }
  std::string const& code() const { return code_; }

 private:
  Reason reason_;
  std::string code_;
};

/// Nobody knows what became of the request: it was cut off, timed out, or answered with a fault of the gateway's own.
/// Asking again with the same idempotency key is safe.
class GatewayUnknown : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct NewCustomer {
  std::optional<std::string> email;
  std::string name;
  std::string client_id;  ///< our id, kept in the customer's metadata
  Time created_at;        ///< of our row: the gateway's customer is not older
};

/// A payment gateway. From coroutines on any loop; every call has a deadline. Throws GatewayRefused and GatewayUnknown.
class Gateway {
 public:
  virtual ~Gateway() = default;

  /// Makes a customer, once for each idempotency key, and gives its id.
  virtual Task<std::string> create_customer(NewCustomer customer, std::string idempotency_key) = 0;

  /// Deletes a customer, what was paid stays; one that is not there is fine.
  virtual Task<> delete_customer(std::string gateway_id) = 0;

  /// The id of the customer that was made for `customer.client_id`, if there is one: for when the gateway may have
  /// forgotten the idempotency key.
  virtual Task<std::optional<std::string>> find_customer(NewCustomer customer) = 0;
};

}  // namespace balcao::payments
