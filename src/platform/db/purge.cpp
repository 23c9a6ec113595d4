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
      if (!stopping_ && table.next <= clock_.now()) more |= co_await remove_portion(table);
    }
    if (!stopping_) co_await wake_up_.wait(more ? std::chrono::milliseconds(between_portions) : between_looks);
  }
}

void Purge::stop() {
  stopping_ = true;
  wake_up_.ring();
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
