#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "platform/db/postgres/connecting.hpp"
#include "platform/db/postgres/pipeline.hpp"
#include "platform/db/postgres/statements.hpp"
#include "platform/db/postgres/values.hpp"

namespace balcao::db::postgres {

/// One connection to the server, in pipeline mode, used by its event loop only.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// Whose connection it is.
  class Owner {
   public:
    /// All that had come; there may be room for more now.
    virtual void answered(Connection& connection, std::vector<Pipeline::Answer> answers) = 0;

   protected:
    ~Owner() = default;
  };

  /// `statement_timeout` is what the server was told; a unit is given a little more before the connection is in doubt.
  Connection(boost::asio::io_context& loop, Handle handle, std::chrono::milliseconds statement_timeout);
  Connection(Connection const&) = delete;

  /// Reads answers and gives them to `owner` until the connection is lost or abandoned. What is unanswered then is left
  /// in `give_up`.
  static Task<> serve(std::shared_ptr<Connection> self, Owner& owner);

  /// Never fails: where it cannot be sent, the connection is lost.
  void send(Group group);
  void send(std::unique_ptr<Unit> unit);

  bool is_usable() const { return usable_; }
  /// When the server first answered; nothing while it never has: to be connected is not yet to be served.
  std::optional<Deadline> first_answer() const { return first_answer_; }
  /// Nothing is in flight and no transaction is open.
  bool is_idle() const;
  std::size_t in_flight() const { return pipeline_.units(); }
  Deadline cut_off() const { return pipeline_.cut_off(); }

  /// A connection in doubt is never used again.
  void abandon();
  /// After `serve` has ended.
  std::vector<Pipeline::Answer> give_up() { return pipeline_.give_up(is_all_sent_); }

 private:
  bool prepare(std::shared_ptr<Prepared> const& statement);
  bool deallocate_evicted();
  bool execute(Call const& call, Prepared const& statement);
  bool sync();
  void flush();
  void close();
  std::vector<Pipeline::Answer> read();
  std::optional<Reply> next_reply();

  Handle handle_;
  /// A duplicate: libpq closes its own as soon as it notices a loss, and the number may be another's the next moment.
  boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> socket_;
  std::chrono::milliseconds const patience_;
  Pipeline pipeline_;
  Statements statements_;
  Parameters parameters_;
  bool usable_ = true;
  std::optional<Deadline> first_answer_;
  bool is_all_sent_ = true;  ///< false: libpq certainly still holds the end of the last group
  bool is_writing_ = false;
};

}  // namespace balcao::db::postgres
