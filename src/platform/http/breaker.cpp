#include "platform/http/breaker.hpp"

#include <algorithm>

namespace balcao::http {

using std::chrono::milliseconds;

Breaker::Breaker(Options options, std::uint32_t seed)
    : options_(options), random_(seed), pause_(options.shortest_pause) {}

std::optional<Breaker::Pass> Breaker::allow(SteadyTime now) {
  std::lock_guard const lock(mutex_);
  if (next_probe_) {
    if (now < *next_probe_) return std::nullopt;
    next_probe_ = now + options_.probe_deadline;
  }
  return Pass(turn_);
}

void Breaker::succeeded(Pass pass) {
  std::lock_guard const lock(mutex_);
  if (pass.turn_ != turn_) return;
  failures_ = 0;
  if (!next_probe_) return;
  next_probe_.reset();
  pause_ = options_.shortest_pause;
  ++turn_;
}

void Breaker::failed(Pass pass, SteadyTime now) {
  std::lock_guard const lock(mutex_);
  if (pass.turn_ != turn_) return;
  if (next_probe_) {
    open(now);
  } else if (++failures_ >= options_.failures) {
    ++turn_;
    open(now);
  }
}

void Breaker::open(SteadyTime now) {
  std::uniform_int_distribution<milliseconds::rep> chance(pause_.count() / 2, pause_.count());
  next_probe_ = now + milliseconds(chance(random_));
  pause_ = std::min(2 * pause_, options_.longest_pause);
}

milliseconds Breaker::retry_after(SteadyTime now) const {
  std::lock_guard const lock(mutex_);
  if (!next_probe_) return milliseconds(0);
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(*next_probe_ - now));
}

}  // namespace balcao::http
