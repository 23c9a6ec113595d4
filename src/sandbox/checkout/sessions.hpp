#pragma once

#include "sandbox/checkout/session.hpp"
#include "sandbox/objects/reading.hpp"
#include "sandbox/payment_intents/machine.hpp"

namespace balcao::sandbox::checkout {

using objects::Changes;

/// The kind of the jobs by which a session's time runs out; their payload is its id.
constexpr std::string_view job_kind = "checkout_session";

/// `/v1/checkout/sessions`
class Sessions {
 public:
  /// `address` is where the sandbox's own pages are; the jobs must outlive this object.
  Sessions(db::Database& database, jobs::Jobs const& jobs, std::string address)
      : reading_(database), jobs_(jobs), address_(std::move(address)) {}

  /// They point to this object.
  Operations operations();

  /// The customer pays on the page, with a payment method that has just been made for it. Answers with the intent. A
  /// session that is not open any more, or waits for its intent's customer already, is left alone.
  Task<Outcome> pay(std::string id, Object method, Time now);

  /// Its time is over, if it is still open.
  Task<Outcome> run_out(std::string id, Time now);

  /// What `happened` to intents happens to their sessions too: adds it to the outcome.
  Task<> follow(Outcome& outcome);

  Task<std::optional<Object>> find(std::string id);
  Task<std::optional<Object>> find_by_intent(std::string intent);
  Task<json::Array> line_items_of(std::string id);

 private:
  Task<Outcome> create(ApiCall call);
  Task<Outcome> retrieve(ApiCall call);
  Task<Outcome> list(ApiCall call);
  Task<Outcome> expire_now(ApiCall call);
  Task<Outcome> list_line_items(ApiCall call);

  Task<Object> named(std::string id);
  Task<Object> plan(std::string id);
  Task<Outcome> end(Object session, Time now);
  /// The session as it is shown: with its line items, if they are asked for.
  Task<Outcome> answer(Changes changes, Object session, std::vector<std::string> names);
  payment_intents::Setting setting(Time now) const { return {now, address_, jobs_}; }

  objects::Reading reading_;
  jobs::Jobs const& jobs_;
  std::string const address_;
};

}  // namespace balcao::sandbox::checkout
