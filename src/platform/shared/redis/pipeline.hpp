#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <expected>

#include "platform/shared/redis/link.hpp"

namespace balcao::shared::redis {

/// Why there is no reply.
enum class Unanswered {
  away,  ///< Redis cannot be reached, or did not answer in time: it may have executed the command
  full,  ///< too much is in flight already; nothing was sent
};

/// The commands of one event loop on one connection: sent as they come, answered in order. All of it on that loop.
class Pipeline : public std::enable_shared_from_this<Pipeline> {
 public:
  Pipeline(boost::asio::io_context& loop, std::shared_ptr<Server const> server, std::size_t limit)
      : loop_(loop), server_(std::move(server)), limit_(limit) {}

  /// Connects, and connects again whenever the connection is lost, until `stop`.
  void start();
  void stop();

  /// What is sent, or waits to be, and has no reply yet.
  static constexpr std::size_t max_bytes_in_flight = 8 * 1024 * 1024;

  /// One command and its reply, which can be Redis's refusal. Whose deadline passes, or whose caller is cancelled,
  /// takes nothing from the others: the reply is dropped when it comes. The connection is given up where it answers
  /// nobody.
  Task<std::expected<Reply, Unanswered>> ask(std::string command);

  /// What went wrong last.
  std::string const& last_fault() const { return last_fault_; }
  boost::asio::io_context& loop() const { return loop_; }

 private:
  enum class State {
    connecting,  ///< for the first time, or at once after a loss: commands wait for it
    connected,
    away,  ///< an attempt has failed: commands are refused at once, so that nobody waits for nothing
  };
  struct Request {
    std::chrono::steady_clock::time_point asked_at;
    std::size_t bytes;
    boost::asio::steady_timer done;  ///< rings at the deadline, or is cancelled by the outcome
    std::optional<std::expected<Reply, Unanswered>> outcome;
  };

  static Task<> run(std::shared_ptr<Pipeline> self);
  Task<> serve(std::shared_ptr<Link> link);
  void answer(Reply reply);
  bool answers_nobody(Request const& late) const;
  void lose(State next);
  static void finish(Request& request, std::expected<Reply, Unanswered> outcome);

  boost::asio::io_context& loop_;
  std::shared_ptr<Server const> const server_;
  std::size_t const limit_;
  State state_ = State::connecting;
  bool stopped_ = false;
  std::shared_ptr<Link> link_;
  std::string unsent_;                              ///< while connecting
  std::deque<std::shared_ptr<Request>> in_flight_;  ///< in the order of their replies
  std::size_t bytes_in_flight_ = 0;
  std::chrono::steady_clock::time_point last_reply_{};
  std::string last_fault_;
};

}  // namespace balcao::shared::redis
