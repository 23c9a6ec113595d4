#pragma once

#include "payments/webhooks/messages.hpp"
#include "payments/webhooks/signing.hpp"
#include "payments/webhooks/store.hpp"

namespace balcao::payments {

/// Where integrators want to be told what happens: the rules. An administrator sees and changes everybody's endpoints;
/// what is another's is not_found for all others.
class WebhookEndpoints {
 public:
  struct Ground {
    WebhookStore& store;
    Messages& messages;
    WebhookSecrets const& secrets;
    WebhookSettings const& settings;
    Clock const& clock;
  };

  /// What it is given must outlive it.
  explicit WebhookEndpoints(Ground ground) : ground_(ground) {}

  struct New {
    WebAddress url;
    std::string description;
    std::vector<std::string> types;
    bool everyone = false;
  };
  struct WithSecret {
    WebhookEndpoint endpoint;
    std::string secret;  ///< shown this one time
  };

  /// Problems: invalid_fields for an address that is refused here, forbidden for `everyone` without the right to it,
  /// too_many_webhook_endpoints.
  Task<WithSecret> create(Actor actor, New endpoint);
  Task<WebhookEndpoint> find(Actor actor, Id<WebhookEndpoint> id);
  /// At most `limit` + 1, newest first.
  Task<std::vector<WebhookEndpoint>> list(Actor actor, std::size_t limit, std::optional<Id<WebhookEndpoint>> after);
  /// Disabling gives up what is on its way; it can be replayed.
  Task<WebhookEndpoint> change(Actor actor, Id<WebhookEndpoint> id, WebhookStore::Change change);
  Task<> remove(Actor actor, Id<WebhookEndpoint> id);
  /// The old secret signs too for a day.
  Task<WithSecret> rotate_secret(Actor actor, Id<WebhookEndpoint> id);

  /// Sends it a `webhook.test`, whatever types it wants. Problem webhook_endpoint_disabled.
  Task<Delivery> test(Actor actor, Id<WebhookEndpoint> id);
  /// At most `limit` + 1, newest first.
  Task<std::vector<Delivery>> deliveries(Actor actor, DeliveryListRequest request);
  Task<Delivery> delivery(Actor actor, Id<WebhookEndpoint> id, Id<Delivery::Message> message);
  /// Delivers once more what is kept. Problem webhook_endpoint_disabled.
  Task<Delivery> replay(Actor actor, Id<WebhookEndpoint> id, Id<Delivery::Message> message);
  /// The same for all that failed since then; gives their number.
  Task<std::int64_t> replay_failed(Actor actor, Id<WebhookEndpoint> id, Time since);

  /// Forgets a person's endpoints, and what others were told of him.
  Task<> forget(Id<Owner> owner);
  /// Sees to it that secrets are sealed with the key in use.
  Task<> renew_seals();

 private:
  Task<WebhookEndpoint> find_enabled(Actor actor, Id<WebhookEndpoint> id);
  void check_address(std::string const& url) const;

  Ground const ground_;
};

/// Why an address is refused, if so: production needs https, and no address that is the operator's own. What a name
/// leads to is looked at when it is connected to.
std::optional<Text> webhook_address_fault(std::string const& url, WebhookSettings const& settings);

}  // namespace balcao::payments
