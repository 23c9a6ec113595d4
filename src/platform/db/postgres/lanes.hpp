#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "platform/db/postgres/address.hpp"
#include "platform/db/postgres/connection.hpp"
#include "platform/db/postgres/postgres.hpp"
#include "platform/db/postgres/reachability.hpp"
#include "platform/db/postgres/watch.hpp"

namespace balcao::db::postgres {

/// What all loops of a pool share; it does not change.
struct Settings {
  Options options;
  Address address;
};

/// The connections of one event loop that all its statements and batches share. Each is kept: made anew when it is
/// lost.
class Lanes final : public std::enable_shared_from_this<Lanes>, private Connection::Owner {
 public:
  Lanes(boost::asio::io_context& loop, std::shared_ptr<Settings const> settings);

  void start();
  /// Refuses what waits and lets the connections go.
  void close();

  /// One atomic unit; throws as the Database does.
  Task<std::vector<Rows>> perform(std::vector<Call> calls, Effect effect);

  /// Why there is no connection; empty while there is one.
  std::string const& last_failure() const { return reachability_.reason(); }

 private:
  static Task<> keep(std::shared_ptr<Lanes> self, std::size_t lane);
  void answered(Connection& connection, std::vector<Pipeline::Answer> answers) override;

  void submit(std::unique_ptr<Unit> unit);
  std::optional<std::exception_ptr> refusal() const;
  bool is_full() const;
  void send_again(std::vector<std::unique_ptr<Unit>> units);
  void send_again_after_loss(Connection& lost);
  void send_soon();
  void send_waiting();
  void send(std::deque<std::unique_ptr<Unit>>& queue, std::size_t first_lane);
  Group next_group(std::deque<std::unique_ptr<Unit>>& queue) const;
  void refuse_waiting();
  Connection* free_connection(std::size_t first_lane) const;
  bool is_connected() const;
  bool is_down(Deadline now) const;
  void sweep();
  void watch();

  boost::asio::io_context& loop_;
  std::shared_ptr<Settings const> settings_;
  std::vector<std::shared_ptr<Connection>> connections_;  ///< empty where it is being made
  std::deque<std::unique_ptr<Unit>> reads_;               ///< that wait
  std::deque<std::unique_ptr<Unit>> writes_;              ///< that wait
  bool will_send_ = false;
  std::optional<Deadline> disconnected_since_;
  Reachability reachability_;
  bool closing_ = false;
  Watch watch_;
};

/// The first thing that is said on every connection: how long a statement may take, and a transaction may lie idle.
std::unique_ptr<Unit> greeting(Options const& options);

}  // namespace balcao::db::postgres
