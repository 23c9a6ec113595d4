#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "platform/id.hpp"
#include "platform/runtime/task_group.hpp"

/// What all that is asked of others has in common: a row is committed first, and recovery sees to those that should
/// have been settled by now.
namespace balcao::recovery {

/// How long a request has before recovery takes it up; both may go on with it then.
inline constexpr std::chrono::seconds head_start{20};
/// For how long no other process takes up what this one has taken.
inline constexpr std::chrono::minutes lease{1};
inline constexpr std::size_t most_at_once = 8;
/// How often something is decided again, because another was quicker each time.
inline constexpr int most_tries = 8;

/// After one second, then after twice the time, up to about four minutes.
inline std::chrono::seconds wait_after(std::int64_t tries) {
  return std::chrono::seconds(1) * (1 << std::min<std::int64_t>(tries, 8));
}

/// One of `see_to_each`: what it throws is logged.
Task<> see_to(Task<> work, std::string what, std::string id);

/// Sees to all of them side by side; what goes wrong with one is left for another time. `what` they are is for people.
template <class Thing>
Task<> see_to_each(std::vector<Id<Thing>> ids, std::string what, std::function<Task<>(Id<Thing>)> look_after) {
  std::vector<Task<>> tasks;
  for (auto const id : ids) tasks.push_back(see_to(look_after(id), what, id.str()));
  if (!tasks.empty()) co_await at_once(std::move(tasks));
}

}  // namespace balcao::recovery
