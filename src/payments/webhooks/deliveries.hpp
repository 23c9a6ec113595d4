#pragma once

#include <memory>
#include <unordered_map>

#include "payments/webhooks/endpoints.hpp"
#include "platform/http/client.hpp"
#include "platform/runtime/task_group.hpp"

namespace balcao::payments {

/// Tells integrators what happened: each message at least once, with the same `webhook-id`, until the endpoint takes it
/// or a schedule of some three days has run out. Several processes may do it at once; what one of them has begun when
/// it dies, another one does again. An endpoint that is slow, or away, delays nobody else.
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

 private:
  /// What this process has to do with one endpoint.
  struct Line {
    std::string base_url;
    std::shared_ptr<http::Client> client;
    std::size_t running = 0;
    Time served_at{};
    Time not_before{};  ///< the endpoint asked to be left alone until then
  };

  /// What is to be done now and then.
  Task<> tend();
  Task<> look();
  /// Begins what this process can take of an endpoint's deliveries.
  Task<> serve(DueEndpoint endpoint, Line& line);
  Task<> deliver(DueEndpoint endpoint, ClaimedDelivery delivery, Line& line);
  Task<DeliveryAttempt> attempt(DueEndpoint const& endpoint, ClaimedDelivery const& delivery, Line& line);
  Task<> settle(DueEndpoint const& endpoint, ClaimedDelivery delivery, DeliveryAttempt attempt);
  std::shared_ptr<http::Client> client_for(Line& line, std::string const& base_url) const;

  Ground const ground_;
  std::atomic<bool> stopping_ = false;
  std::unordered_map<Id<WebhookEndpoint>, Line> lines_;
  TaskGroup under_way_;
  bool seals_are_current_ = false;
  Time next_tending_{};
  Time next_purge_{};
};

}  // namespace balcao::payments
