#include "platform/shared/redis/redis.hpp"

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <stdexcept>

#include "platform/problem.hpp"
#include "platform/shared/memory/memory.hpp"
#include "platform/shared/redis/pipeline.hpp"
#include "platform/shared/redis/subscriber.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::shared::redis {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds connect_deadline{1000};  ///< TLS and a far away name server included

/// Adds to a counter and gives it with the rest of its window in milliseconds: one round trip and one atomic step. Sent
/// as it is: Redis knows it by its hash all the same, and it needs no second attempt after a restart or a failover.
constexpr std::string_view count_script =
    "local value = redis.call('INCRBY', KEYS[1], ARGV[1]) "
    "local left = redis.call('PTTL', KEYS[1]) "
    "if left < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) left = tonumber(ARGV[2]) end "
    "if value < 0 then redis.call('SET', KEYS[1], 0, 'KEEPTTL') value = 0 end "
    "return {value, left}";

std::string prefixed(std::string_view name) { return "balcao:" + std::string(name); }

bool is_count(Reply const& reply) {
  return reply.kind == Reply::Kind::list && reply.items.size() == 2 &&
         std::ranges::all_of(reply.items, [](auto const& item) { return item.kind == Reply::Kind::integer; });
}

Problem too_much_in_flight() {
  return overloaded("Too much is waiting for Redis.", "Há operações demais à espera do Redis.");
}

class Redis final : public SharedState {
 public:
  Redis(std::shared_ptr<Server const> server, Loops& loops, Clock const& clock, std::size_t limit)
      : server_(std::move(server)), clock_(clock), local_(memory::make(clock)), loop_(loops[0]) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
      pipelines_.push_back(std::make_shared<Pipeline>(loops[i], server_, limit));
      pipelines_.back()->start();
    }
    subscriber_->start();
  }

  ~Redis() override {
    for (auto const& pipeline : pipelines_) asio::post(pipeline->loop(), [pipeline] { pipeline->stop(); });
    subscriber_->stop();
  }

  Task<Count> count(std::string key, std::int64_t amount, std::chrono::seconds window) override {
    auto const millis = std::to_string(std::chrono::milliseconds(window).count());
    auto& pipeline = pipeline_of(co_await asio::this_coro::executor);
    auto const reply = co_await pipeline.ask(
        command({"EVAL", count_script, "1", prefixed("count:" + key), std::to_string(amount), millis}));
    if (reply && is_count(*reply)) {
      if (counting_locally_.exchange(false)) log::info("counting in Redis again");
      co_return Count{reply->items[0].integer, clock_.now() + std::chrono::milliseconds(reply->items[1].integer)};
    }
    if (!reply && reply.error() == Unanswered::full) throw too_much_in_flight();
    if (!counting_locally_.exchange(true)) log::warn("counting locally", {{"reason", reason(pipeline, reply)}});
    auto alone = co_await local_->count(std::move(key), amount, window);
    alone.local = true;
    co_return alone;
  }

  Task<> publish(std::string channel, std::string message) override {
    if (message.size() > max_message_bytes) throw std::length_error("a message larger than 64 KiB");
    auto& pipeline = pipeline_of(co_await asio::this_coro::executor);
    auto const reply = co_await pipeline.ask(command({"PUBLISH", prefixed(channel), message}));
    if (reply && !reply->is_error()) {
      publishing_fails_ = false;
      co_return;
    }
    if (!reply && reply.error() == Unanswered::full) throw too_much_in_flight();
    if (!publishing_fails_.exchange(true)) log::warn("messages not published", {{"reason", reason(pipeline, reply)}});
    throw overloaded("Other processes cannot be told right now.",
                     "Não é possível avisar os outros processos neste momento.");
  }

  Subscription subscribe(std::string channel, Listener::Receive receive, Listener::Resumed resumed) override {
    return subscriber_->subscribe(prefixed(channel), std::move(receive), std::move(resumed));
  }

  bool current() const override { return subscriber_->is_current(); }

  Task<> ping() override {
    auto& pipeline = pipeline_of(co_await asio::this_coro::executor);
    auto const reply = co_await pipeline.ask(command({"PING"}));
    if (!reply || reply->is_error()) throw std::runtime_error("Redis: " + reason(pipeline, reply));
  }

 private:
  Pipeline& pipeline_of(asio::any_io_executor const& executor) const {
    auto const& context = asio::query(executor, asio::execution::context);
    for (auto const& pipeline : pipelines_) {
      if (&context == &pipeline->loop()) return *pipeline;
    }
    throw std::logic_error("shared state was used from outside of its loops");
  }

  std::string reason(Pipeline const& pipeline, std::expected<Reply, Unanswered> const& reply) const {
    if (reply) return "refused (" + std::string(reply->error_code()) + ") by " + server_->name();
    return pipeline.last_fault().empty() ? "not connected to " + server_->name() : pipeline.last_fault();
  }

  std::shared_ptr<Server const> const server_;
  Clock const& clock_;
  std::unique_ptr<SharedState> const local_;  ///< counts when Redis cannot
  asio::io_context& loop_;
  std::vector<std::shared_ptr<Pipeline>> pipelines_;  ///< one a loop
  std::shared_ptr<Subscriber> const subscriber_ = std::make_shared<Subscriber>(loop_, server_);
  std::atomic<bool> counting_locally_ = false;
  std::atomic<bool> publishing_fails_ = false;  ///< said once, not for each message
};

}  // namespace

void check(Options const& options) { parse_server(options.url, options.ca_file); }

std::unique_ptr<SharedState> make(Options const& options, Loops& loops, Clock const& clock) {
  auto server = std::make_shared<Server>(parse_server(options.url, options.ca_file));
  server->deadline = options.deadline;
  server->connect_deadline = std::max(connect_deadline, options.deadline);
  return std::make_unique<Redis>(std::move(server), loops, clock, options.in_flight);
}

}  // namespace balcao::shared::redis
