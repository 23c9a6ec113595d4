#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace balcao {

/// A number of bytes that many share, whoever comes first, but no client more than a part of it. From any thread.
class MemoryBudget {
 public:
  /// `per_client`: the most that one client may hold.
  MemoryBudget(std::size_t bytes, std::size_t per_client) : total_(bytes), per_client_(per_client) {}
  /// No client may hold more than a quarter.
  explicit MemoryBudget(std::size_t bytes) : MemoryBudget(bytes, bytes / 4) {}
  MemoryBudget(MemoryBudget const&) = delete;

  /// What one holder has of the budget, which must outlive it; given back at its end. Used by one thread at a time.
  class Share {
   public:
    /// Nothing yet. `client` is whom it counts for; empty: nobody, so that only the budget limits it.
    Share(MemoryBudget& budget, std::string client) : budget_(&budget), client_(std::move(client)) {}
    Share(Share&& other) noexcept;
    Share& operator=(Share&& other) noexcept;
    ~Share() { resize(0); }

    /// Takes more or gives back, so that it holds `bytes`. False where there are not so many, and nothing changes; less
    /// can always be held.
    bool resize(std::size_t bytes);
    std::size_t bytes() const { return bytes_; }
    /// How much it could hold now.
    std::size_t largest() const;

   private:
    MemoryBudget* budget_;
    std::string client_;
    std::size_t bytes_ = 0;
  };

  std::size_t total() const { return total_; }
  std::size_t used() const;

 private:
  /// What is free for the client besides what it holds; under the lock.
  std::size_t free_for(std::string const& client) const;

  std::size_t const total_;
  std::size_t const per_client_;
  mutable std::mutex mutex_;
  std::size_t used_ = 0;
  std::unordered_map<std::string, std::size_t> clients_;  ///< only those that hold something
};

}  // namespace balcao
