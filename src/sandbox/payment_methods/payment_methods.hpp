#pragma once

#include "sandbox/objects/reading.hpp"
#include "sandbox/payment_methods/resource.hpp"

namespace balcao::sandbox::payment_methods {

/// `/v1/payment_methods`
class PaymentMethods {
 public:
  explicit PaymentMethods(db::Database& database) : reading_(database) {}

  /// They point to this object.
  Operations operations();

  /// The payment method that was chosen: a new one is created in `changes`, another is read. Throws 400
  /// `resource_missing` where there is none.
  Task<objects::Object> resolve(Choice choice, objects::Changes& changes);

 private:
  Task<Outcome> create(ApiCall call);
  Task<Outcome> retrieve(ApiCall call);
  Task<Outcome> update(ApiCall call);
  Task<Outcome> attach(ApiCall call);
  Task<Outcome> detach(ApiCall call);
  Task<Outcome> list(ApiCall call);
  Task<Outcome> list_of_customer(ApiCall call);

  objects::Reading reading_;
};

}  // namespace balcao::sandbox::payment_methods
