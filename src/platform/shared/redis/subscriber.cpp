#include "platform/shared/redis/subscriber.hpp"

#include <boost/asio/post.hpp>

#include "platform/runtime/loops.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::shared::redis {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds between_pings{100};
/// How long ago the last answered ping may have been sent: a ping may be late, or two wait for a busy loop.
constexpr std::chrono::milliseconds longest_doubt{350};

}  // namespace

void Subscriber::start() { balcao::start(loop_, run(shared_from_this())); }

void Subscriber::stop() {
  stopped_ = true;
  lose({});
}

Subscription Subscriber::subscribe(std::string channel, Listener::Receive receive, Listener::Resumed resumed) {
  ++wanted_;
  auto const listener = std::make_shared<Listener>(std::move(receive), std::move(resumed));
  asio::post(loop_, [self = shared_from_this(), added = Entry{std::move(channel), listener}]() mutable {
    if (self->stopped_) return;
    if (self->link_) self->link_->send(command({"SUBSCRIBE", added.channel}));
    self->entries_.push_back(std::move(added));
  });
  return Subscription(listener);
}

bool Subscriber::is_current() const {
  auto const until = complete_until_.load();
  if (until == Steady::duration::zero() || confirmed_ != wanted_) return false;
  return Steady::now().time_since_epoch() - until < longest_doubt;
}

Task<> Subscriber::run(std::shared_ptr<Subscriber> self) {
  auto backoff = make_backoff();
  while (!self->stopped_) {
    try {
      auto link = co_await Link::open(self->server_);
      backoff.connected();
      co_await self->follow(std::move(link));
    } catch (std::exception const& error) {  // a subscriber's too: what it did not take in, it has missed
      self->lose(error.what());
    }
    co_await pause(backoff.next());
  }
}

Task<> Subscriber::follow(std::shared_ptr<Link> link) {
  if (stopped_) co_return;
  link_ = link;
  remove_ended();
  for (auto const& entry : entries_) link->send(command({"SUBSCRIBE", entry.channel}));
  balcao::start(loop_, keep_asking(shared_from_this(), link));
  if (std::exchange(said_lost_, false)) log::info("Redis is back", {{"server", server_->name()}});
  for (;;) take(co_await link->receive());
}

Task<> Subscriber::keep_asking(std::shared_ptr<Subscriber> self, std::shared_ptr<Link> link) {
  while (self->link_ == link) {
    auto const now = Steady::now();
    if (!self->asked_.empty() && now - self->asked_.front() > self->server_->deadline + between_pings) {
      link->close();
      break;
    }
    self->remove_ended();
    self->asked_.push_back(now);
    link->send(command({"PING"}));
    co_await pause(between_pings);
  }
}

void Subscriber::take(Reply const& reply) {
  using Kind = Reply::Kind;
  if (reply.kind == Kind::push && reply.items.size() == 3) {
    auto const& what = reply.items[0].text;
    auto const& channel = reply.items[1].text;
    if (what == "subscribe") return confirm(channel);
    if (what != "message") return;
    for (auto const& entry : entries_) {
      if (!entry.confirmed || entry.channel != channel) continue;
      if (auto const listener = entry.listener.lock()) listener->receive(reply.items[2].text);
    }
    return;
  }
  if (reply.kind == Kind::push) return;
  if (reply.is_error()) {
    throw LinkError("subscribing was refused (" + std::string(reply.error_code()) + ") by " + server_->name());
  }
  if (asked_.empty()) throw LinkError("an answer that nobody asked for from " + server_->name());
  know_all_until(asked_.front());
  asked_.pop_front();
}

void Subscriber::confirm(std::string_view channel) {
  for (auto& entry : entries_) {
    if (entry.confirmed || entry.channel != channel) continue;
    // In this order: whoever sees `is_current` has been told to load what was missed.
    entry.confirmed = true;
    if (auto const listener = entry.listener.lock()) listener->resumed();
    ++confirmed_;
    if (stopped_) return;
  }
}

/// Redis goes on to send what nobody listens to any more, until the next connection: to unsubscribe could cross with a
/// new subscription to the same channel, whose confirmation would then say too much.
void Subscriber::remove_ended() {
  std::erase_if(entries_, [this](Entry const& entry) {
    if (!entry.listener.expired()) return false;
    if (entry.confirmed) --confirmed_;  // before the other count: they must not be equal too early
    --wanted_;
    return true;
  });
}

void Subscriber::lose(std::string_view why) {
  know_all_until({});
  confirmed_ = 0;
  asked_.clear();
  for (auto& entry : entries_) entry.confirmed = false;
  if (link_) std::exchange(link_, nullptr)->close();
  if (!stopped_ && !std::exchange(said_lost_, true)) log::warn("Redis is away", {{"reason", why}});
}

}  // namespace balcao::shared::redis
