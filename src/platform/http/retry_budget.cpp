#include "platform/http/retry_budget.hpp"

#include <algorithm>
#include <cmath>

namespace balcao::http {
namespace {

constexpr std::int64_t retry = 1000;

}  // namespace

RetryBudget::RetryBudget(Options options)
    : share_(std::llround(options.share * retry)), capacity_(options.capacity * retry), balance_(capacity_) {}

void RetryBudget::deposit() {
  auto balance = balance_.load(std::memory_order_relaxed);
  while (balance < capacity_ &&
         !balance_.compare_exchange_weak(balance, std::min(balance + share_, capacity_), std::memory_order_relaxed)) {
  }
}

bool RetryBudget::withdraw() {
  auto balance = balance_.load(std::memory_order_relaxed);
  while (balance >= retry) {
    if (balance_.compare_exchange_weak(balance, balance - retry, std::memory_order_relaxed)) return true;
  }
  return false;
}

}  // namespace balcao::http
