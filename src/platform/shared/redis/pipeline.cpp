#include "platform/shared/redis/pipeline.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "platform/runtime/loops.hpp"

namespace balcao::shared::redis {

namespace asio = boost::asio;

namespace {

/// How many deadlines behind its commands a connection may be: counting locally is better than to wait for all of it.
constexpr int max_deadlines_behind = 4;

}  // namespace

void Pipeline::start() { balcao::start(loop_, run(shared_from_this())); }

void Pipeline::stop() {
  stopped_ = true;
  lose(State::away);
}

Task<> Pipeline::run(std::shared_ptr<Pipeline> self) {
  auto backoff = make_backoff();
  while (!self->stopped_) {
    try {
      auto link = co_await Link::open(self->server_);
      backoff.connected();
      co_await self->serve(std::move(link));
    } catch (LinkError const& error) {
      self->last_fault_ = error.what();
      self->lose(self->state_ == State::connected ? State::connecting : State::away);
    }
    co_await pause(backoff.next());
  }
}

Task<> Pipeline::serve(std::shared_ptr<Link> link) {
  if (stopped_) co_return;
  link_ = link;
  state_ = State::connected;
  link->send(std::exchange(unsent_, {}));
  for (;;) answer(co_await link->receive());
}

Task<std::expected<Reply, Unanswered>> Pipeline::ask(std::string command) {
  auto const self = shared_from_this();
  if (state_ == State::away) co_return std::unexpected(Unanswered::away);
  if (in_flight_.size() >= limit_ || bytes_in_flight_ + command.size() > max_bytes_in_flight) {
    co_return std::unexpected(Unanswered::full);
  }

  auto const request = std::make_shared<Request>(std::chrono::steady_clock::now(), command.size(),
                                                 asio::steady_timer(loop_, server_->deadline), std::nullopt);
  in_flight_.push_back(request);
  bytes_in_flight_ += request->bytes;
  if (state_ == State::connected) {
    link_->send(command);
  } else {
    unsent_ += command;
  }
  co_await request->done.async_wait(asio::as_tuple(asio::use_awaitable));
  if (request->outcome) co_return std::move(*request->outcome);
  if (std::chrono::steady_clock::now() >= request->done.expiry() && answers_nobody(*request)) {
    last_fault_ = "no answer in time from " + server_->name();
    lose(State::away);
  }
  co_return std::unexpected(Unanswered::away);
}

/// Since the late one was asked, or for far too long.
bool Pipeline::answers_nobody(Request const& late) const {
  if (last_reply_ < late.asked_at) return true;
  auto const longest = max_deadlines_behind * server_->deadline;
  return !in_flight_.empty() && std::chrono::steady_clock::now() - in_flight_.front()->asked_at > longest;
}

void Pipeline::answer(Reply reply) {
  if (reply.kind == Reply::Kind::push) return;
  if (in_flight_.empty()) throw LinkError("an answer that nobody asked for from " + server_->name());
  auto const request = std::move(in_flight_.front());
  in_flight_.pop_front();
  bytes_in_flight_ -= request->bytes;
  last_reply_ = std::chrono::steady_clock::now();
  bool const is_replica = reply.is_error() && reply.error_code() == "READONLY";
  finish(*request, std::move(reply));
  // After a failover the name leads elsewhere.
  if (is_replica) throw LinkError("no longer the primary: " + server_->name());
}

void Pipeline::lose(State next) {
  state_ = next;
  unsent_.clear();
  bytes_in_flight_ = 0;
  if (link_) std::exchange(link_, nullptr)->close();
  for (auto const& request : std::exchange(in_flight_, {})) finish(*request, std::unexpected(Unanswered::away));
}

void Pipeline::finish(Request& request, std::expected<Reply, Unanswered> outcome) {
  request.outcome.emplace(std::move(outcome));
  request.done.cancel();
}

}  // namespace balcao::shared::redis
