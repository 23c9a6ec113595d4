#pragma once

#include "payments/checkout/checkouts.hpp"
#include "payments/disputes/disputes.hpp"
#include "payments/inbox/store.hpp"
#include "payments/refunds/refunds.hpp"
#include "platform/runtime/wake_up.hpp"

namespace balcao::payments {

namespace problems {

inline constexpr ProblemType invalid_signature{400, "invalid_signature", "The signature is not the gateway's",
                                               "A assinatura não é do gateway"};

}  // namespace problems

/// What the gateway tells us: verified, stored, acknowledged, and only then seen to. An event says that something has
/// happened to an object; what it is now, the gateway is asked. So events may come late, early, twice and in any order.
class Inbox {
 public:
  /// What it is given must outlive it. Without secrets every event is refused.
  struct Ground {
    InboxStore& store;
    Payments& payments;
    Refunds& refunds;
    Disputes& disputes;
    Checkouts& checkouts;
    Clients& clients;
    Gateway& gateway;
    Clock const& clock;
    std::vector<std::string> secrets;  ///< several, while one is exchanged for another
  };
  explicit Inbox(Ground ground) : ground_(std::move(ground)) {}

  /// Stored when this returns. Problems: invalid_signature; bad_request for what is no event.
  Task<> receive(std::string body, std::string signature);

  /// Sees to the events that are due; a few at a time. Whether there may be more.
  Task<bool> see_to();
  /// Asks the gateway for events that it could not deliver since `from`, and stores them.
  Task<> catch_up(Time from);
  /// Removes events that nobody asks for any more, see db::Purge.
  Task<std::int64_t> purge(Time now, std::int64_t most);

  /// The wait that a new event ends.
  WakeUp& arrivals() { return arrivals_; }

 private:
  struct Subject;

  Task<> store(GatewayEvent event);
  Task<> see_to(std::vector<DueEvent> due);
  Task<> see_to(Subject subject);
  /// False: not yet.
  Task<bool> refresh(Subject const& subject);

  Ground const ground_;
  WakeUp arrivals_;
};

}  // namespace balcao::payments
