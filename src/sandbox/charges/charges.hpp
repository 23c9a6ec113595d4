#pragma once

#include "sandbox/objects/reading.hpp"

namespace balcao::sandbox::charges {

/// `/v1/charges`: what confirmations have made. A charge is not created by itself.
class Charges {
 public:
  explicit Charges(db::Database& database) : reading_(database) {}

  /// They point to this object.
  Operations operations();

 private:
  Task<Outcome> retrieve(ApiCall call);
  Task<Outcome> update(ApiCall call);
  Task<Outcome> list(ApiCall call);

  objects::Reading reading_;
};

}  // namespace balcao::sandbox::charges
