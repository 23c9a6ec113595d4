#pragma once

#include "sandbox/objects/reading.hpp"

namespace balcao::sandbox::balance {

/// `/v1/balance` and `/v1/balance_transactions`
class Balance {
 public:
  explicit Balance(db::Database& database) : reading_(database) {}

  /// They point to this object.
  Operations operations();

 private:
  Task<Outcome> balance(ApiCall call);
  Task<Outcome> retrieve(ApiCall call);
  Task<Outcome> list(ApiCall call);

  objects::Reading reading_;
};

}  // namespace balcao::sandbox::balance
