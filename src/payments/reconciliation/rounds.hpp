#pragma once

#include <atomic>
#include <functional>

#include "payments/inbox/inbox.hpp"
#include "payments/reconciliation/reconciler.hpp"

namespace balcao::payments {

/// What goes on beside the requests: what a request could not finish is seen through, what the gateway has told of is
/// seen to, what is not final is asked for, and once in a while everything is compared.
class Rounds {
 public:
  /// What they are given must outlive them.
  struct Ground {
    Payments& payments;
    Refunds& refunds;
    Checkouts& checkouts;
    Inbox& inbox;
    Reconciler& reconciler;
    ReconciliationStore& store;
    Clock const& clock;
  };
  explicit Rounds(Ground ground) : ground_(ground) {}

  /// Until `stop`.
  Task<> run();
  /// From any thread.
  void stop();

 private:
  Task<> see_to_events();
  Task<> recover();
  Task<> keep_books();
  /// Does it if it is this process's turn, `every` so often; `since` is when it was done before.
  Task<> in_turn(std::string name, std::chrono::seconds every, std::function<Task<>(Time since)> work);

  Ground const ground_;
  std::atomic<bool> stopping_ = false;
  WakeUp recovery_;
  WakeUp books_;
};

}  // namespace balcao::payments
