#pragma once

#include "platform/jobs/jobs.hpp"
#include "sandbox/objects/reading.hpp"

namespace balcao::sandbox::refunds {

/// By what time acts on refunds: a slow one succeeds, one that the bank sends back fails.
constexpr std::string_view job_kind = "refund";

/// `/v1/refunds`
class Refunds {
 public:
  /// The jobs must outlive this object.
  Refunds(db::Database& database, jobs::Jobs const& jobs) : reading_(database), jobs_(jobs) {}

  /// They point to this object.
  Operations operations();

  /// What a job's payload says: the refund turns out to have succeeded or failed. Nothing happens to one that is
  /// canceled or has failed already.
  Task<Outcome> settle(std::string payload, Time now);

 private:
  Task<Outcome> create(ApiCall call);
  Task<Outcome> retrieve(ApiCall call);
  Task<Outcome> update(ApiCall call);
  Task<Outcome> cancel(ApiCall call);
  Task<Outcome> list(ApiCall call);

  Task<objects::Object> named(std::string id);
  Task<objects::Object> charge_to_refund(std::optional<std::string> charge, std::optional<std::string> intent);
  void schedule(objects::Object const& refund, std::string_view what, objects::Changes& changes);

  objects::Reading reading_;
  jobs::Jobs const& jobs_;
};

}  // namespace balcao::sandbox::refunds
