#include "platform/runtime/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <list>

#include "platform/runtime/wake_up.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao {
namespace asio = boost::asio;

struct TaskGroup::State {
  std::list<asio::cancellation_signal> signals;  ///< of each task that runs
  WakeUp ended;
  bool cut_off = false;

  void end(std::list<asio::cancellation_signal>::iterator task, std::exception_ptr const& failure) {
    signals.erase(task);
    ended.ring();
    if (!failure || cut_off) return;
    try {
      std::rethrow_exception(failure);
    } catch (std::exception const& fault) {
      log::error("a task failed", {{"cause", fault.what()}});
    }
  }
};

TaskGroup::TaskGroup() : state_(std::make_shared<State>()) {}

Task<> TaskGroup::start(Task<> task) {
  auto const loop = co_await asio::this_coro::executor;
  auto const place = state_->signals.emplace(state_->signals.end());
  asio::co_spawn(
      loop, std::move(task),
      asio::bind_cancellation_slot(
          place->slot(), [state = state_, place](std::exception_ptr const& failure) { state->end(place, failure); }));
}

std::size_t TaskGroup::running() const { return state_->signals.size(); }

void TaskGroup::cut_off() {
  state_->cut_off = true;
  for (auto& signal : state_->signals) signal.emit(asio::cancellation_type::terminal);
}

Task<> TaskGroup::join() {
  while (running() > 0) co_await state_->ended.wait(std::chrono::seconds(1));
}

Task<> at_once(std::vector<Task<>> tasks) {
  TaskGroup group;
  for (auto& task : tasks) co_await group.start(std::move(task));
  co_await group.join();
}

}  // namespace balcao
