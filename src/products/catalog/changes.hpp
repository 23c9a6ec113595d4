#pragma once

#include <atomic>
#include <mutex>
#include <set>
#include <span>

#include "platform/http/response_cache.hpp"
#include "platform/runtime/wake_up.hpp"
#include "platform/shared/shared_state.hpp"
#include "products/catalog/model.hpp"

namespace balcao::products {

/// Carries the news of what has changed in the catalog to the answers that are kept, in this process and in all others.
class Changes {
 public:
  /// Under which the lists are kept; a product is kept under its id.
  static constexpr std::string_view lists = "lists";

  /// Begins to listen, until it is destroyed. What it is given must outlive it.
  Changes(shared::SharedState& shared, http::ResponseCache& pages);

  /// After a committed write, before it is acknowledged: what this process keeps of these products and of the lists is
  /// old from now on, what the others keep a few milliseconds later. From any thread.
  void note(std::span<Id<Product> const> changed);
  void note(Id<Product> changed) { note({&changed, 1}); }
  /// The same where no product has changed, but what the lists may find.
  void note_lists() { note(std::span<Id<Product> const>()); }

  /// Tells the others, until `stop`: one message for all that has changed since the last one, and again where it did
  /// not go through.
  Task<> spread();
  /// From any thread.
  void stop();

 private:
  /// What the others have not been told yet.
  struct News {
    std::set<std::string> topics;
    bool too_many = false;  ///< to be named one by one
    bool empty() const { return topics.empty() && !too_many; }
  };

  News take_news();
  void put_back(News news);
  void hear(std::string_view message);

  shared::SharedState& shared_;
  http::ResponseCache& pages_;
  std::string const process_;  ///< by which it knows its own messages
  std::mutex mutex_;
  News untold_;  ///< under the mutex
  std::atomic<bool> stopping_ = false;
  WakeUp wake_up_;
  shared::Subscription subscription_;  ///< last, since it uses the others
};

}  // namespace balcao::products
