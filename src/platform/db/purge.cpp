#include "platform/db/purge.hpp"

#include "platform/telemetry/log.hpp"

namespace balcao::db {
namespace {

using namespace std::chrono_literals;

constexpr auto between_purges = 1h;
constexpr auto after_a_failure = 1min;
constexpr auto between_portions = 20ms;
constexpr auto between_looks = 1s;

}  // namespace

Task<> Purge::run() {
  while (!stopping_) {
    bool more = false;
    for (auto& table : tables_) {
      if (!stopping_ && is_due(table)) more |= co_await remove_portion(table);
    }
    if (!stopping_) co_await wake_up_.wait(more ? std::chrono::milliseconds(between_portions) : between_looks);
  }
}

void Purge::stop() {
  stopping_ = true;
  wake_up_.ring();
}

/// Also where the clock was ahead when the next time was set, and has been put right.
bool Purge::is_due(Table const& table) const {
  auto const now = clock_.now();
  return table.next <= now || table.next > now + between_purges;
}

/// Whether the table may have more.
Task<bool> Purge::remove_portion(Table& table) {
  auto const now = clock_.now();
  std::string failure;
  bool more = false;
  try {
    more = co_await table.remove(now, portion) >= portion;
  } catch (std::exception const& error) {
    failure = error.what();
  }
  if (!failure.empty()) log::warn("old rows could not be removed", {{"what", table.what}, {"error", failure}});
  if (!more) table.next = now + (failure.empty() ? std::chrono::seconds(between_purges) : after_a_failure);
  co_return more;
}

}  // namespace balcao::db
