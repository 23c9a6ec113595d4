#include "platform/db/sqlite/waiter.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

namespace balcao::db::sqlite {

namespace asio = boost::asio;

Waiter::Waiter(asio::any_io_executor loop, std::move_only_function<void()> resume)
    : loop_(asio::prefer(loop, asio::execution::outstanding_work.untracked)),
      work_(asio::prefer(std::move(loop), asio::execution::outstanding_work.tracked)),
      resume_(std::move(resume)) {}

void resume(Waiter waiter) {
  auto const loop = waiter.loop();
  asio::post(loop, std::move(waiter));
}

void resume(std::vector<Waiter> waiters) {
  std::vector<std::vector<Waiter>> by_loop;
  for (Waiter& waiter : waiters) {
    auto group = std::ranges::find_if(by_loop, [&](auto const& some) { return some.front().loop() == waiter.loop(); });
    if (group == by_loop.end()) group = by_loop.emplace(by_loop.end());
    group->push_back(std::move(waiter));
  }
  for (auto& group : by_loop) {
    auto const loop = group.front().loop();
    asio::post(loop, [group = std::move(group)]() mutable {
      // Posted again, one by one, so that what a coroutine throws out of its loop does not lose the others.
      for (Waiter& waiter : group) resume(std::move(waiter));
    });
  }
}

}  // namespace balcao::db::sqlite
