#include "platform/runtime/memory_budget.hpp"

#include <algorithm>
#include <utility>

namespace balcao {

MemoryBudget::Share::Share(Share&& other) noexcept
    : budget_(other.budget_), client_(std::move(other.client_)), bytes_(std::exchange(other.bytes_, 0)) {}

MemoryBudget::Share& MemoryBudget::Share::operator=(Share&& other) noexcept {
  if (this == &other) return *this;
  resize(0);
  budget_ = other.budget_;
  client_ = std::move(other.client_);
  bytes_ = std::exchange(other.bytes_, 0);
  return *this;
}

bool MemoryBudget::Share::resize(std::size_t bytes) {
  if (bytes == bytes_) return true;
  std::lock_guard const lock(budget_->mutex_);
  if (bytes > bytes_ && bytes - bytes_ > budget_->free_for(client_)) return false;
  budget_->used_ += bytes - bytes_;
  if (!client_.empty()) {
    auto& held = budget_->clients_[client_];
    held += bytes - bytes_;
    if (held == 0) budget_->clients_.erase(client_);
  }
  bytes_ = bytes;
  return true;
}

std::size_t MemoryBudget::Share::largest() const {
  std::lock_guard const lock(budget_->mutex_);
  return bytes_ + budget_->free_for(client_);
}

std::size_t MemoryBudget::used() const {
  std::lock_guard const lock(mutex_);
  return used_;
}

std::size_t MemoryBudget::free_for(std::string const& client) const {
  auto const free = total_ - used_;
  if (client.empty()) return free;
  auto const held = clients_.find(client);
  return std::min(free, per_client_ - (held == clients_.end() ? 0 : held->second));
}

}  // namespace balcao
