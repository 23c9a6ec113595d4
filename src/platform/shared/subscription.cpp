#include "platform/shared/subscription.hpp"

namespace balcao::shared {

void Listener::receive(std::string_view message) {
  std::lock_guard const lock(mutex_);
  if (!has_ended_) receive_(message);
}

void Listener::resumed() {
  std::lock_guard const lock(mutex_);
  if (!has_ended_) resumed_();
}

void Listener::end() {
  std::lock_guard const lock(mutex_);
  has_ended_ = true;
}

Subscription& Subscription::operator=(Subscription&& other) noexcept {
  if (this == &other) return *this;
  if (listener_) listener_->end();
  listener_ = std::move(other.listener_);
  return *this;
}

Subscription::~Subscription() {
  if (listener_) listener_->end();
}

}  // namespace balcao::shared
