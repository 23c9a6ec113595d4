#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "platform/db/postgres/lanes.hpp"

namespace balcao::db::postgres {

/// The connections of one event loop that are lent to interactive transactions, one at a time: apart from those that
/// everything else shares, so that an open transaction keeps nobody waiting.
class Leases final : public std::enable_shared_from_this<Leases>, private Connection::Owner {
 public:
  Leases(boost::asio::io_context& loop, std::shared_ptr<Settings const> settings);

  void close();

  /// Waits for a connection that nobody else will use until `give_back` or `until`, when it is cut. Who has the nearest
  /// deadline, and then who came first, is served first. Problem unavailable where none is free in time.
  Task<std::shared_ptr<Connection>> borrow(Deadline until);
  /// `is_open`: a transaction is, and must be undone.
  void give_back(std::shared_ptr<Connection> connection, bool is_open);

  /// A COMMIT under way is never cut for the sake of the deadline.
  void keep_beyond_deadline(Connection const& connection);

 private:
  struct Lease {
    std::shared_ptr<Connection> connection;
    Deadline until;  ///< max: nobody has borrowed it
    bool is_lent = false;
  };

  /// Who waits for a connection.
  struct Waiting {
    std::unique_ptr<Unit> unit;         ///< without calls
    std::shared_ptr<Connection>* lent;  ///< in the frame of its coroutine, which stays until it is resumed
  };

  static Task<> make(std::shared_ptr<Leases> self);
  void answered(Connection& connection, std::vector<Pipeline::Answer> answers) override;

  void look_at(Connection& connection);
  Lease* find(Connection const& connection);
  Lease* find_free();
  std::shared_ptr<Connection> lend(Lease& lease, Deadline until);
  void serve_waiting();
  void make_missing();
  void refuse_late();
  void refuse_waiting();
  void sweep();
  void watch();

  boost::asio::io_context& loop_;
  std::shared_ptr<Settings const> settings_;
  std::vector<Lease> leases_;
  std::size_t being_made_ = 0;
  Reachability reachability_;
  Backoff backoff_ = make_backoff();
  Deadline next_attempt_{};      ///< to connect, after a failure or a loss
  std::deque<Waiting> waiting_;  ///< by deadline
  bool closing_ = false;
  Watch watch_;
};

}  // namespace balcao::db::postgres
