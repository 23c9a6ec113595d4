#pragma once

#include "sandbox/transport/operation.hpp"
#include "sandbox/webhooks/listeners.hpp"

namespace balcao::sandbox::webhooks {

/// `/v1/webhook_endpoints`
class Endpoints {
 public:
  Endpoints(db::Database& database, Listeners& listeners) : store_(database), listeners_(listeners) {}

  /// They point to this object.
  Operations operations();

 private:
  Task<Outcome> create(ApiCall call);
  Task<Outcome> retrieve(ApiCall call);
  Task<Outcome> update(ApiCall call);
  Task<Outcome> remove(ApiCall call);
  Task<Outcome> list(ApiCall call);

  Outcome changed(json::Value const& answer, db::Call effect);

  Store store_;
  Listeners& listeners_;
};

}  // namespace balcao::sandbox::webhooks
