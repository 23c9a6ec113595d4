#pragma once

#include <memory>
#include <unordered_map>

#include "payments/webhooks/endpoints.hpp"
#include "payments/webhooks/places.hpp"
#include "platform/http/client.hpp"
#include "platform/jobs/isolation.hpp"
#include "platform/runtime/task_group.hpp"

namespace balcao::payments {

/// Tells integrators what happened: each message at least once, with the same `webhook-id`, until the endpoint takes it
/// or a schedule of some three days has run out. Several processes may do it at once; what one of them has begun when
/// it dies, another one does again, alone (see jobs::Isolation), and not once more after `max_deaths`. An endpoint that
/// is slow, or away, delays nobody else (see DeliveryPlaces).
class WebhookDeliveries {
 public:
  struct Ground {
    WebhookStore& store;
    WebhookEndpoints& endpoints;
    Messages& messages;
    WebhookSecrets const& secrets;
    WebhookSettings const& settings;
    Clock const& clock;
  };

  /// What it is given must outlive it.
  explicit WebhookDeliveries(Ground ground) : ground_(ground) {}

  /// Delivers what is due, on the loop where it is awaited, until `stop`: looks once a second, and whenever woken.
  /// Attempts that are under way then are cut off, and made again once their lease has ended.
  Task<> run();
  /// From any thread.
  void stop();
  /// Removes what nobody needs to look up any more, see db::Purge.
  Task<std::int64_t> purge(Time now, std::int64_t most);

 private:
  /// What this process has to do with one endpoint.
  struct Line {
    std::string base_url;
    std::shared_ptr<http::Client> client;
    DeliveryPlaces::Line places{};
    Time served_at{};
    Time not_before{};  ///< the endpoint asked to be left alone until then
  };

  /// What is to be done now and then.
  Task<> tend();
  Task<> look();
  /// Begins what this process can take of an endpoint's deliveries.
  Task<> serve(DueEndpoint endpoint, Line& line);
  /// Begins one that a dead process has left.
  Task<> serve_lost();
  Task<> start(DueEndpoint endpoint, ClaimedDelivery delivery, Line& line, jobs::Isolation::Place alone);
  Task<> deliver(DueEndpoint endpoint, ClaimedDelivery delivery, Line& line, DeliveryPlaces::Place place,
                 jobs::Isolation::Place alone);
  /// Ends the leases of attempts that were cut off or could not be settled: the process lives, so they are no deaths.
  Task<> release();
  Task<DeliveryAttempt> attempt(DueEndpoint const& endpoint, ClaimedDelivery const& delivery, Line& line);
  Task<> settle(DueEndpoint const& endpoint, ClaimedDelivery delivery, DeliveryAttempt attempt);
  std::shared_ptr<http::Client> client_for(Line& line, std::string const& base_url) const;

  Ground const ground_;
  std::atomic<bool> stopping_ = false;
  std::unordered_map<Id<WebhookEndpoint>, Line> lines_;
  DeliveryPlaces places_;
  Id<WebhookEndpoint> looked_at_{};  ///< the last one of a full page: the next look begins behind it
  TaskGroup under_way_;
  std::vector<db::Call> to_release_;
  Time next_look_for_lost_{};
  bool seals_are_current_ = false;
  Time next_tending_{};
};

}  // namespace balcao::payments
