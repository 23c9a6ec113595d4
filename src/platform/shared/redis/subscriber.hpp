#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <deque>
#include <vector>

#include "platform/shared/redis/link.hpp"
#include "platform/shared/subscription.hpp"

namespace balcao::shared::redis {

/// The one connection on which messages come, and what is known of their completeness. It pings all the time: when the
/// answer to a ping is here, everything that was published before that ping is here too.
class Subscriber : public std::enable_shared_from_this<Subscriber> {
 public:
  Subscriber(boost::asio::io_context& loop, std::shared_ptr<Server const> server)
      : loop_(loop), server_(std::move(server)) {}

  void start();
  /// On its loop. Nothing is called any more.
  void stop();

  /// From any thread; the functions are called on the loop.
  Subscription subscribe(std::string channel, Listener::Receive receive, Listener::Resumed resumed);
  bool is_current() const;

 private:
  using Steady = std::chrono::steady_clock;
  struct Entry {
    std::string channel;
    std::weak_ptr<Listener> listener;
    bool confirmed = false;
  };

  static Task<> run(std::shared_ptr<Subscriber> self);
  static Task<> keep_asking(std::shared_ptr<Subscriber> self, std::shared_ptr<Link> link);
  Task<> follow(std::shared_ptr<Link> link);
  void take(Reply const& reply);
  void confirm(std::string_view channel);
  void remove_ended();
  void know_all_until(Steady::time_point time) { complete_until_ = time.time_since_epoch(); }
  void lose(std::string_view why);

  boost::asio::io_context& loop_;
  std::shared_ptr<Server const> const server_;
  bool stopped_ = false;
  bool said_lost_ = false;
  std::shared_ptr<Link> link_;
  std::vector<Entry> entries_;
  std::deque<Steady::time_point> asked_;  ///< when the pings that are not answered were sent

  std::atomic<std::size_t> wanted_ = 0;     ///< subscriptions that last, confirmed or not
  std::atomic<std::size_t> confirmed_ = 0;  ///< those that Redis has confirmed, on this connection
  std::atomic<Steady::duration> complete_until_ = Steady::duration::zero();  ///< zero: nothing is known
};

}  // namespace balcao::shared::redis
