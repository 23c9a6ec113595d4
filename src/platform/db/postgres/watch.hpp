#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "platform/db/postgres/unit.hpp"

namespace balcao::db::postgres {

/// One timer for many deadlines: calls `due` when the earliest of the times that it was told has come; `due` tells it
/// the next one.
class Watch {
 public:
  Watch(boost::asio::io_context& loop, std::function<void()> due) : timer_(loop), due_(std::move(due)) {}

  void by(Deadline when) {
    if (when >= next_) return;
    next_ = when;
    timer_.expires_at(when);
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](boost::system::error_code cancelled) {
      if (cancelled || alive.expired()) return;
      next_ = Deadline::max();
      due_();
    });
  }

 private:
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
  std::function<void()> due_;
  Deadline next_ = Deadline::max();
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace balcao::db::postgres
