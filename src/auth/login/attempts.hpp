#pragma once

#include <exception>
#include <string>

#include "auth/limits/networks.hpp"
#include "auth/limits/quota.hpp"
#include "auth/model.hpp"
#include "platform/runtime/task.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::auth {

/// How long a device stays known after it was last used.
inline constexpr std::chrono::days device_memory{90};

/// One counted guess, and where that leaves its limits.
struct Attempt {
  std::vector<std::string> keys;  ///< of the counters that were raised
  Quota address;
  std::optional<Quota> account;  ///< none where the account cannot exist, or was not counted
  bool network_locked = false;   ///< too many from the wider network: only a device that is known may go on
  bool account_locked = false;   ///< too many guesses at the account: only a device that is known may go on
  bool first_locked = false;     ///< it is this guess that locked it
  bool device_locked = false;    ///< too many from this device, known or not
};

/// Limits guesses at passwords and secrets, for each account and for each address. A guess is counted before it is
/// checked, so that parallel ones cannot slip past; the counts are shared by all processes. Each device (an address and
/// a user agent) is counted for itself too: so an account that was locked by others' guesses can stay open to a device
/// that its owner has used before, and yet never to more guesses than the limit.
class Attempts {
 public:
  /// What it is given must outlive it.
  Attempts(shared::SharedState& shared, Clock const& clock, Settings const& settings)
      : shared_(shared), clock_(clock), settings_(settings) {}

  /// Counts a guess at `account` (a name with a prefix that says of what; empty: one that cannot exist): for its
  /// address, its device and its account. Where the network is locked the account is not counted, since a guess that is
  /// not checked must lock nobody out. Throws Problem too_many_requests where the address is over its limit.
  Task<Attempt> count(std::string account, Origin origin);
  /// Counts a guess that goes on from a locked network for its account too.
  Task<> count_account(Attempt& attempt, std::string account);
  /// For what turned out to be no wrong guess.
  Task<> take_back(Attempt attempt);
  /// Gives the result of `checking`, by which a guess is checked. Where it throws, nothing was checked, and the guess
  /// is taken back: a database that is away locks nobody out.
  template <class T>
  Task<T> check(Attempt attempt, Task<T> checking) {
    std::exception_ptr failure;
    try {
      co_return co_await std::move(checking);
    } catch (...) {
      failure = std::current_exception();
    }
    co_await take_back(std::move(attempt));
    std::rethrow_exception(failure);
  }

 private:
  shared::SharedState& shared_;
  Clock const& clock_;
  Settings const& settings_;
};

/// 429 with Retry-After.
Problem too_many_attempts(Attempt const& attempt);

/// Adds the limits that the attempt was counted by.
Problem with_rate_limit(Problem problem, Attempt const& attempt);

/// By what a device is known again: a digest of its address' group and its user agent.
std::string device_hash(Origin const& origin);

}  // namespace balcao::auth
