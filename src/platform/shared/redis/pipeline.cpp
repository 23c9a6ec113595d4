#include "platform/shared/redis/pipeline.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "platform/runtime/loops.hpp"

namespace balcao::shared::redis {

namespace asio = boost::asio;

void Pipeline::start() { balcao::start(loop_, run(shared_from_this())); }

void Pipeline::stop() {
  stopped_ = true;
  lose(State::away);
}

Task<> Pipeline::run(std::shared_ptr<Pipeline> self) {
  Backoff backoff;
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
  if (in_flight_.size() >= limit_) co_return std::unexpected(Unanswered::full);

  auto const request = std::make_shared<Request>(asio::steady_timer(loop_, server_->deadline), std::nullopt);
  in_flight_.push_back(request);
  if (state_ == State::connected) {
    link_->send(command);
  } else {
    unsent_ += command;
  }
  co_await request->done.async_wait(asio::as_tuple(asio::use_awaitable));
  if (!request->outcome) {
    // Replies come in order and this one is late, so all behind it would be: a connection in doubt is not used again.
    last_fault_ = "no answer in time from " + server_->name();
    lose(State::away);
  }
  co_return std::move(*request->outcome);
}

void Pipeline::answer(Reply reply) {
  if (reply.kind == Reply::Kind::push) return;
  if (in_flight_.empty()) throw LinkError("an answer that nobody asked for from " + server_->name());
  auto const request = std::move(in_flight_.front());
  in_flight_.pop_front();
  bool const is_replica = reply.is_error() && reply.error_code() == "READONLY";
  finish(*request, std::move(reply));
  // After a failover the name leads elsewhere.
  if (is_replica) throw LinkError("no longer the primary: " + server_->name());
}

void Pipeline::lose(State next) {
  state_ = next;
  unsent_.clear();
  if (link_) std::exchange(link_, nullptr)->close();
  for (auto const& request : std::exchange(in_flight_, {})) finish(*request, std::unexpected(Unanswered::away));
}

void Pipeline::finish(Request& request, std::expected<Reply, Unanswered> outcome) {
  request.outcome.emplace(std::move(outcome));
  request.done.cancel();
}

}  // namespace balcao::shared::redis
