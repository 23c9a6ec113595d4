#include "platform/runtime/wake_up.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace balcao {

namespace asio = boost::asio;

void WakeUp::ring() {
  std::lock_guard const lock(mutex_);
  rung_ = true;
  if (waiting_) asio::post(waiting_->get_executor(), [timer = waiting_] { timer->cancel(); });
}

Task<> WakeUp::wait(std::chrono::milliseconds longest) {
  // Under the lock `waiting_` is set only while this frame lives, so `ring` never posts to a loop that is gone.
  struct Waiting {
    WakeUp& self;
    ~Waiting() {
      std::lock_guard const lock(self.mutex_);
      self.waiting_.reset();
      self.rung_ = false;
    }
  };

  auto const timer = std::make_shared<Timer>(co_await asio::this_coro::executor, longest);
  bool rung = false;
  {
    std::lock_guard const lock(mutex_);
    waiting_ = timer;
    rung = rung_;
  }
  Waiting const waiting{*this};
  if (!rung) co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
}

}  // namespace balcao
