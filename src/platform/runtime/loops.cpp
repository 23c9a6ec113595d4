#include "platform/runtime/loops.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

#include "platform/telemetry/log.hpp"
#include "platform/telemetry/output.hpp"

namespace balcao {
namespace asio = boost::asio;

namespace {
thread_local std::size_t this_loop = 0;
}

std::size_t current_loop() { return this_loop; }

Loops::Loops(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    // The hint of 1 says that one thread runs this loop. Locks stay on: workers and signals post from other threads.
    contexts_.push_back(std::make_unique<asio::io_context>(1));
    guards_.push_back(asio::make_work_guard(*contexts_.back()));
  }
}

Loops::~Loops() {
  stop();
  for (auto& thread : threads_) thread.join();
}

void Loops::run() {
  for (std::size_t i = 1; i < contexts_.size(); ++i) {
    threads_.emplace_back([i, &context = *contexts_[i]] {
      this_loop = i;
      context.run();
    });
  }
  contexts_.front()->run();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

void Loops::stop() {
  for (auto& context : contexts_) context->stop();
}

void start(asio::io_context& loop, Task<> task, std::function<void(std::exception_ptr)> failed) {
  asio::co_spawn(loop, std::move(task), [failed = std::move(failed)](std::exception_ptr fault) {
    if (!fault) return;
    if (failed) return failed(fault);
    try {
      std::rethrow_exception(fault);
    } catch (std::exception const& error) {
      log::error("a background task failed", {{"error", error.what()}});
    }
    output::flush();
    std::terminate();
  });
}

void run_to_end(asio::io_context& loop, Task<> task) {
  std::exception_ptr fault;
  bool done = false;
  asio::co_spawn(loop, std::move(task), [&](std::exception_ptr thrown) {
    fault = thrown;
    done = true;
  });
  loop.restart();  // an earlier run may have left it stopped for want of work
  while (!done) loop.run_one();
  if (fault) std::rethrow_exception(fault);
}

Task<> pause(std::chrono::milliseconds duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

}  // namespace balcao
