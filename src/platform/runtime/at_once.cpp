#include "platform/runtime/at_once.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <memory>

#include "platform/runtime/wake_up.hpp"

namespace balcao {
namespace {

struct Progress {
  explicit Progress(std::size_t tasks) : left(tasks) {}

  std::size_t left;
  std::exception_ptr failure;
  WakeUp ended;
};

}  // namespace

Task<> at_once(std::vector<Task<>> tasks) {
  namespace asio = boost::asio;
  auto const progress = std::make_shared<Progress>(tasks.size());
  auto const loop = co_await asio::this_coro::executor;
  for (auto& task : tasks) {
    asio::co_spawn(loop, std::move(task), [progress](std::exception_ptr failure) {
      if (failure && !progress->failure) progress->failure = failure;
      if (--progress->left == 0) progress->ended.ring();
    });
  }
  while (progress->left > 0) co_await progress->ended.wait(std::chrono::hours(1));
  if (progress->failure) std::rethrow_exception(progress->failure);
}

}  // namespace balcao
