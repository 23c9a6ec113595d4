#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "platform/http/handler.hpp"
#include "platform/http/request_parser.hpp"
#include "platform/runtime/clock.hpp"
#include "platform/runtime/memory_budget.hpp"
#include "platform/runtime/workers.hpp"

namespace balcao::http {

/// One client's connection: reads requests, has them answered in order, writes the answers. Everything runs on its
/// loop.
class Connection {
 public:
  /// What a server's connections share, which outlives them.
  struct Dependencies {
    Limits const& limits;
    Handler& handler;
    std::atomic<bool> const& draining;
    MemoryBudget& memory;
    Workers& spooling;  ///< for the files of answers that their clients do not take yet
    MemoryBudget& spool_space;
  };

  /// What a connection may hold without a share of the memory: what it needs between requests, and for small ones.
  static constexpr std::size_t free_bytes = 8 * 1024;

  Connection(boost::asio::ip::tcp::socket socket, std::string peer, Dependencies dependencies);

  /// Serves the client until either side closes. Never throws.
  Task<> run();

  /// Gives up on what is being waited for once its deadline has passed; called about twice a second, since a timer for
  /// each wait would cost more than the wait.
  void check_deadline(SteadyTime now);

  /// Closes it if it waits for a next request and none is on its way in; ends the reading of a stream. One that has
  /// just been made is given a moment for its first: its client cannot know yet that it came too late, and may not send
  /// a write twice.
  void close_if_idle(SteadyTime now);
  void cut_off();

  std::string const& peer() const { return peer_; }

 private:
  enum class Phase { idle, reading_header, reading_body, answering, reading_stream };

  /// The body of the current request.
  class Incoming final : public BodyReader {
   public:
    explicit Incoming(Connection& connection) : connection_(connection) {}
    Task<std::string_view> read() override;

   private:
    Task<> receive();

    Connection& connection_;
    std::size_t received_ = 0;
  };
  class Outgoing;

  /// Looks at the head of a request with a body, and says how that is taken; or answers without it.
  Task<> expect_body();
  Task<> answer_without_body(Response const& response);
  void know_client();
  bool count_memory();
  void release_memory();
  std::size_t room_to_read() const;
  Task<bool> wait_until_writable();
  Task<bool> ask_for_body();
  Task<> read_more();
  Task<bool> flush();
  Task<> answer(Request& request, bool keep_alive);
  Task<> answer_with_stream(Response const& response, Request const& request, bool keep_alive);
  Task<> refuse(Problem const& problem);
  Task<> linger();
  void append_common_lines(Request const& request, bool keep_alive);
  void append(Response const& response, Request const& request, bool keep_alive);
  void append(StoredResponse const& stored, Request const& request, bool keep_alive);
  void enter(Phase phase, std::chrono::milliseconds patience);

  boost::asio::ip::tcp::socket socket_;
  std::string const peer_;
  bool const behind_proxy_;  ///< the peer is one, trusted to say who its clients are
  std::string client_;       ///< where so, the current request's
  Limits const& limits_;
  Handler& handler_;
  std::atomic<bool> const& draining_;
  Workers& spooling_;
  MemoryBudget& memory_;
  MemoryBudget& spool_space_;
  std::string client_network_;   ///< whom `share_` counts for
  MemoryBudget::Share share_;    ///< of the memory, beyond what is free
  std::size_t stream_held_ = 0;  ///< of memory, by the stream under way

  RequestParser parser_;
  std::string in_;
  std::size_t in_start_ = 0;  ///< bytes of `in_` that have been taken
  std::string out_;
  Phase phase_ = Phase::idle;
  SteadyTime deadline_ = SteadyTime::max();        ///< of the phase
  SteadyTime write_deadline_ = SteadyTime::max();  ///< of a write, which a stream has beside a read
  SteadyTime const opened_ = std::chrono::steady_clock::now();
  bool has_answered_ = false;
  bool has_asked_for_body_ = false;  ///< with 100 Continue; or the answer has begun, and it is too late for that
  bool timed_out_ = false;           ///< the phase
  bool write_timed_out_ = false;
  bool open_ = true;
};

}  // namespace balcao::http
