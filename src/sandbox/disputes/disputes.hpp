#pragma once

#include "sandbox/objects/reading.hpp"

namespace balcao::sandbox::disputes {

/// `/v1/disputes`
class Disputes {
 public:
  explicit Disputes(db::Database& database) : reading_(database) {}

  /// They point to this object.
  Operations operations();

 private:
  Task<Outcome> retrieve(ApiCall call);
  Task<Outcome> update(ApiCall call);
  Task<Outcome> close(ApiCall call);
  Task<Outcome> list(ApiCall call);

  Task<objects::Object> named(std::string id);

  objects::Reading reading_;
};

}  // namespace balcao::sandbox::disputes
