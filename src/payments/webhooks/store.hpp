#pragma once

#include "payments/webhooks/model.hpp"
#include "platform/db/database.hpp"
#include "platform/jobs/isolation.hpp"

namespace balcao::payments {

/// The endpoints of integrators and what they are told, and all SQL about both. Fails as db::Database does.
class WebhookStore {
 public:
  explicit WebhookStore(db::Database& database) : database_(database) {}

  // The endpoints.

  /// False where the owner has `most` already, and nothing is inserted.
  Task<bool> insert(WebhookEndpoint endpoint, std::string secret, std::int64_t most);
  Task<std::optional<WebhookEndpoint>> find(Id<WebhookEndpoint> id);
  /// At most `limit` + 1, newest first, so that the caller learns whether there are more; everybody's without an owner.
  Task<std::vector<WebhookEndpoint>> list(std::optional<Id<Owner>> owner, std::size_t limit,
                                          std::optional<Id<WebhookEndpoint>> after);

  struct Change {
    std::optional<std::string> url;
    std::optional<std::string> description;
    std::optional<std::vector<std::string>> types;
    std::optional<bool> enabled;
  };
  Task<> change(Id<WebhookEndpoint> id, Change change, Time now);
  /// The secret that there was signs too until then.
  Task<> set_secret(Id<WebhookEndpoint> id, std::string secret, Time old_until, Time now);
  /// With all that it was told, and would be.
  Task<> remove(Id<WebhookEndpoint> id);
  /// A person's endpoints, and what was told of him.
  Task<> remove_of(Id<Owner> owner);

  struct Secrets {
    Id<WebhookEndpoint> id;
    StoredSecrets secrets;
  };
  /// In the order of the ids.
  Task<std::vector<Secrets>> secrets(std::optional<Id<WebhookEndpoint>> after, std::size_t limit);
  /// Stores how they rest now, unless they are others meanwhile.
  Task<> reseal(Secrets before, StoredSecrets renewed);

  // What they are told.

  struct NewMessage {
    Uuid id;
    Id<Owner> owner;
    std::string type;
    std::string body;
    Time now;
  };
  /// The call that makes a delivery, due at once, for each endpoint that wants to hear of it.
  static db::Call spread(NewMessage const& message);
  /// The same for one endpoint, whatever it wants to hear of: a test. False, and nothing is told, where the owner has
  /// had `most` since then.
  Task<bool> tell_test(Id<WebhookEndpoint> endpoint, NewMessage message, Time since, std::int64_t most);

  Task<std::optional<Delivery>> delivery(Id<WebhookEndpoint> endpoint, Id<Delivery::Message> id);
  /// At most `limit` + 1.
  Task<std::vector<Delivery>> deliveries(DeliveryListRequest request);
  /// Makes it due, as if for the first time.
  Task<> replay(Id<WebhookEndpoint> endpoint, Id<Delivery::Message> id, Time now);
  /// The same for all that failed and are not older than that; gives their number.
  Task<std::int64_t> replay_failed(Id<WebhookEndpoint> endpoint, Time since, Time now);

  /// Whether there is an endpoint that would hear of anything.
  Task<bool> anyone_listens();
  /// Endpoints with something to deliver, by id: at most `most`, behind `after`.
  Task<std::vector<DueEndpoint>> due(Time now, Id<WebhookEndpoint> after = {}, std::size_t most = 100);
  /// Takes deliveries that are due, so that nobody else has them until the lease ends; none where the endpoint is not
  /// as it was seen, and where another process takes the same ones.
  Task<std::vector<ClaimedDelivery>> claim(DueEndpoint endpoint, Time now, Time lease, std::size_t most);

  struct Key {
    Id<WebhookEndpoint> endpoint;
    Id<Delivery::Message> message;
  };
  /// Fails the deliveries that would be lost once more after so many `deaths`; they come again by `replay` alone.
  Task<std::vector<Key>> set_aside(Time now, int deaths, std::string error);

  struct Lost {
    DueEndpoint endpoint;
    ClaimedDelivery delivery;
  };
  /// Takes one whose lease ran out.
  Task<std::optional<Lost>> claim_lost(Time now, Time lease);
  /// Ends a lease of which nothing came, though the process lives. The delivery is due again at `next_at`.
  static db::Call release(Id<WebhookEndpoint> endpoint, ClaimedDelivery const& delivery, Time next_at);
  Task<jobs::SetAside> count_set_aside();

  struct Settlement {
    Id<WebhookEndpoint> endpoint;
    ClaimedDelivery delivery;
    DeliveryAttempt attempt;
    std::optional<Time> next_at;            ///< none: it was the last attempt
    std::optional<std::string> disable;     ///< the endpoint, for this reason
    std::optional<Time> unless_well_since;  ///< only where nothing has gone well since then
    Time now;
  };
  /// Notes what came of an attempt, unless its lease has ended and somebody else has it, and how the endpoint fares.
  Task<> settle(Settlement settlement);

  /// Does all of it, or nothing.
  Task<> apply(std::vector<db::Call> calls);

  /// Removes at most `most` deliveries from before; gives how many.
  Task<std::int64_t> purge(Time before, std::int64_t most);

 private:
  db::Database& database_;
};

}  // namespace balcao::payments
