#pragma once

#include <atomic>

#include "platform/http/response_cache.hpp"
#include "platform/runtime/wake_up.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::products {

/// Carries the news that the catalog has changed to the pages that are kept, in this process and in all others.
class Changes {
 public:
  /// Begins to listen. What it is given must outlive it, and it must outlive the loops' run.
  Changes(shared::SharedState& shared, http::ResponseCache& pages);

  /// After a committed write, before it is acknowledged: this process's pages are old from now on, the others' a few
  /// milliseconds later. From any thread.
  void note();

  /// Tells the others, until `stop`: one message for all that has changed since the last one, and again where it did
  /// not go through.
  Task<> spread();
  /// From any thread.
  void stop();

 private:
  shared::SharedState& shared_;
  http::ResponseCache& pages_;
  std::string const process_;  ///< by which it knows its own messages
  std::atomic<bool> untold_ = false;
  std::atomic<bool> stopping_ = false;
  WakeUp wake_up_;
};

}  // namespace balcao::products
