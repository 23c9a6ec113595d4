#pragma once

#include "sandbox/customers/store.hpp"
#include "sandbox/transport/operation.hpp"

namespace balcao::sandbox::customers {

/// `/v1/customers`
class Customers {
 public:
  explicit Customers(db::Database& database) : store_(database) {}

  /// They point to this object.
  Operations operations();

 private:
  Task<Outcome> create(ApiCall call);
  Task<Outcome> retrieve(ApiCall call);
  Task<Outcome> update(ApiCall call);
  Task<Outcome> remove(ApiCall call);
  Task<Outcome> list(ApiCall call);
  Task<Outcome> search(ApiCall call);

  Task<Position> place_of(std::string parameter, std::string id);

  Store store_;
};

}  // namespace balcao::sandbox::customers
