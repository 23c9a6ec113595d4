#pragma once

#include "sandbox/events/store.hpp"
#include "sandbox/transport/operation.hpp"
#include "sandbox/webhooks/deliveries.hpp"

namespace balcao::sandbox::events {

/// What made something happen: a call of the API, or nothing but time.
struct Cause {
  std::optional<std::string> request_id{};
  std::optional<std::string> idempotency_key{};
};

/// Events that are to be stored, and what is to be done for it.
struct Recorded {
  std::vector<db::Call> effects;
  std::vector<std::string> to_deliver;  ///< the ids of those that somebody listens for
};

/// `/v1/events`: what has happened, for thirty days.
class Events {
 public:
  Events(db::Database& database, webhooks::Listeners& listeners, webhooks::Deliveries& deliveries)
      : store_(database), listeners_(listeners), deliveries_(deliveries) {}

  /// They point to this object.
  Operations operations();

  /// The statements that make `happened` events and have them delivered. They belong in the batch of the changes that
  /// they tell of. Where nobody listens, an event is one insert.
  Task<Recorded> record(std::vector<NewEvent> happened, Cause cause, Time now, webhooks::Manner manner = {});

  /// For db::Purge: events, and deliveries, of more than thirty days ago.
  Task<std::int64_t> purge(Time now, std::int64_t most);
  Task<std::int64_t> purge_deliveries(Time now, std::int64_t most);

 private:
  Task<Outcome> retrieve(ApiCall call);
  Task<Outcome> list(ApiCall call);
  Task<Position> place_of(std::string parameter, std::string id);

  Store store_;
  webhooks::Listeners& listeners_;
  webhooks::Deliveries& deliveries_;
};

}  // namespace balcao::sandbox::events
