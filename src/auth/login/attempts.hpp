#pragma once

#include <string>

#include "auth/model.hpp"
#include "platform/runtime/task.hpp"
#include "platform/shared/shared_state.hpp"

namespace balcao::auth {

/// How long a device stays known after it was last used.
inline constexpr std::chrono::days device_memory{90};

/// One counted guess, and where that leaves its limits.
struct Attempt {
  /// A limit (the draft ratelimit-headers calls it a policy) and what is left of it.
  struct Quota {
    std::string_view name;
    std::int64_t limit;
    std::int64_t remaining;
    std::int64_t resets_in;  ///< seconds
  };

  std::string account_key;  ///< empty where the account cannot exist
  std::string device_key;
  std::string address_key;
  Quota account{};
  Quota address{};
  std::chrono::seconds window{};
  bool account_locked = false;  ///< too many guesses at the account: only a device that is known may go on
  bool first_locked = false;    ///< it is this guess that locked it
  bool device_locked = false;   ///< too many from this device, known or not
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

  /// Counts a guess at `account` (a name with a prefix that says of what; empty: one that cannot exist). Throws Problem
  /// too_many_requests where the address is over its limit.
  Task<Attempt> count(std::string account, Origin origin);
  /// For what turned out to be no wrong guess.
  Task<> take_back(Attempt attempt);

 private:
  shared::SharedState& shared_;
  Clock const& clock_;
  Settings const& settings_;
};

/// 429 with Retry-After.
Problem too_many_attempts(Attempt const& attempt);

/// Adds `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10).
Problem with_rate_limit(Problem problem, Attempt const& attempt);

/// What failed logins of an address are counted under: itself, or its /64 network with IPv6, which one customer
/// commonly has.
std::string address_group(std::string_view address);

/// By what a device is known again: a digest of its address' group and its user agent.
std::string device_hash(Origin const& origin);

}  // namespace balcao::auth
