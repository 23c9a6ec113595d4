#pragma once

#include "sandbox/objects/reading.hpp"
#include "sandbox/payment_intents/machine.hpp"
#include "sandbox/payment_methods/payment_methods.hpp"

namespace balcao::sandbox::payment_intents {

/// `/v1/payment_intents`
class PaymentIntents {
 public:
  /// `address` is where the sandbox's own pages are; the jobs must outlive this object.
  PaymentIntents(db::Database& database, jobs::Jobs const& jobs, std::string address)
      : reading_(database), methods_(database), jobs_(jobs), address_(std::move(address)) {}

  /// They point to this object.
  Operations operations();

  /// What the customer or time does to an intent, without the API: on the hosted page, by a job, in a test. Answers as
  /// a confirmation would. With `attempt` nothing happens if there has been another since.
  Task<Outcome> act(std::string id, Action action, Time now, std::optional<Attempt> attempt = std::nullopt);

 private:
  Task<Outcome> create(ApiCall call);
  Task<Outcome> retrieve(ApiCall call);
  Task<Outcome> update(ApiCall call);
  Task<Outcome> confirm(ApiCall call);
  Task<Outcome> capture(ApiCall call);
  Task<Outcome> cancel(ApiCall call);
  Task<Outcome> list(ApiCall call);
  Task<Outcome> search(ApiCall call);

  /// The intent that the call's path names; throws 404.
  Task<Object> named(std::string id);
  /// The intent's latest charge, to be changed; nullptr if it has none.
  Task<Object*> latest_charge(Object const& intent, Changes& changes);
  Task<Object> chosen_method(payment_methods::Choice choice, Object& intent, Changes& changes);
  Setting setting(Time now) const { return {now, address_, jobs_}; }

  objects::Reading reading_;
  payment_methods::PaymentMethods methods_;
  jobs::Jobs const& jobs_;
  std::string const address_;
};

}  // namespace balcao::sandbox::payment_intents
