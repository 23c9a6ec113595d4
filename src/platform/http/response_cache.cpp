#include "platform/http/response_cache.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <unordered_map>

#include "platform/crypto/hash.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::http {

namespace {

namespace asio = boost::asio;

/// The oldest answer that is given where it may be out of date: with the way to the client, within the promised second.
constexpr std::chrono::milliseconds max_age_in_doubt{900};

}  // namespace

/// An answer that is being read, and who waits for it. It lives in the frame of the coroutine that reads.
struct ResponseCache::PendingRead {
  struct Outcome {
    std::shared_ptr<Response const> response;
    std::exception_ptr failure;
  };
  struct Waiter {
    Outcome* outcome;  ///< in the frame of its coroutine, which stays until it is resumed
    std::move_only_function<void()> resume;
  };

  Reading reading;
  std::vector<Waiter> waiters{};
};

/// One loop's part, touched on that loop only.
struct ResponseCache::LoopCache {
  StoredResponses stored;
  std::unordered_map<std::string, PendingRead*> reads{};  ///< by target
};

ResponseCache::ResponseCache(Options options) : options_(std::move(options)) {
  for (std::size_t i = 0; i < options_.loops; ++i)
    loops_.push_back(std::make_unique<LoopCache>(StoredResponses(options_.max_bytes_per_loop)));
}

ResponseCache::~ResponseCache() = default;

ResponseCache::Reading ResponseCache::begin(std::string_view topic) const {
  auto const slot = slot_of(topic);
  return {slot, changes_[slot], renewals_, std::chrono::steady_clock::now()};
}

/// Whether no write has come since.
bool ResponseCache::is_good(Reading const& reading) const {
  return reading.changes == changes_[reading.slot] && reading.renewals == renewals_;
}

/// Whether it may be given although a write may have been missed.
bool ResponseCache::is_young(Reading const& reading) const {
  auto const age = std::chrono::steady_clock::now() - reading.began;
  return age < options_.max_age && (age < max_age_in_doubt || options_.is_current());
}

StoredResponse const* ResponseCache::find(Request const& request) const {
  auto& stored = loops_[current_loop()]->stored;
  auto const* const entry = stored.find(request.target);
  if (!entry) return nullptr;
  if (!is_good(entry->reading)) {
    stored.erase(request.target);
    return nullptr;
  }
  return is_young(entry->reading) ? &entry->response : nullptr;
}

/// If a write came while the answer was read, it may be old and is not kept.
void ResponseCache::keep(Request const& request, Response response, Reading const& reading) {
  if (!is_good(reading)) return;
  auto& stored = loops_[current_loop()]->stored;
  // What is out of date and is not asked for any more goes before its turn: two leave for each that comes.
  for (int i = 0; i < 2 && stored.oldest() && !is_good(stored.oldest()->reading); ++i) {
    stored.erase(stored.oldest()->target);
  }
  stored.put(std::string(request.target), store(std::move(response)), reading);
}

Task<Response> ResponseCache::read(Endpoint const& endpoint, Exchange& exchange, std::string topic) {
  auto& reads = loops_[current_loop()]->reads;
  std::string target(exchange.request.target);
  if (auto const pending = reads.find(target); pending != reads.end() && is_good(pending->second->reading)) {
    auto& waiters = pending->second->waiters;
    if (waiters.size() >= max_waiters_per_read) {
      throw overloaded("Too many wait for the same answer", "Há requisições demais à espera da mesma resposta");
    }
    PendingRead::Outcome outcome;
    co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(
        [&](auto resume) { waiters.push_back({&outcome, std::move(resume)}); }, asio::use_awaitable);
    if (outcome.failure) std::rethrow_exception(outcome.failure);
    if (outcome.response->status == 200) co_return *outcome.response;
    co_return co_await endpoint.answer(exchange);  // a refusal is in the language of the one who was given it
  }
  if (reads.size() >= max_reads_per_loop) co_return co_await fetch(endpoint, exchange, begin(topic));

  PendingRead pending{begin(topic)};
  reads[target] = &pending;
  Response response;
  PendingRead::Outcome outcome;
  try {
    response = co_await fetch(endpoint, exchange, pending.reading);
    if (!pending.waiters.empty()) outcome.response = std::make_shared<Response const>(response);
  } catch (...) {
    outcome.failure = std::current_exception();
  }
  if (auto const own = reads.find(target); own != reads.end() && own->second == &pending) reads.erase(own);
  auto const executor = co_await asio::this_coro::executor;
  for (auto& waiter : pending.waiters) {
    *waiter.outcome = outcome;
    asio::post(executor, std::move(waiter.resume));
  }
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  co_return response;
}

Task<Response> ResponseCache::fetch(Endpoint const& endpoint, Exchange& exchange, Reading reading) {
  auto response = co_await endpoint.answer(exchange);
  if (response.status != 200) co_return response;
  bool const has_etag = std::ranges::any_of(response.headers, [](auto const& field) { return field.first == "ETag"; });
  if (!has_etag) response.header("ETag", etag_of(response.body));
  response.header("Cache-Control", "public, no-cache");
  auto kept = response;
  if (endpoint.access.is(Access::visitor)) kept.header("Vary", "Authorization");
  keep(exchange.request, std::move(kept), reading);
  co_return response;
}

Endpoint ResponseCache::in_front_of(Endpoint endpoint, TopicOf topic_of) {
  auto const is_for_all = [knows_visitors = endpoint.access.is(Access::visitor)](Request const& request) {
    return !knows_visitors || !request.header("Authorization");
  };
  auto cached = endpoint;
  cached.answer_at_once = [this, is_for_all](Request const& request) {
    return is_for_all(request) ? find(request) : nullptr;
  };
  cached.answer = [this, is_for_all, topic_of = std::move(topic_of),
                   endpoint = std::move(endpoint)](Exchange& exchange) -> Task<Response> {
    bool const is_kept = is_for_all(exchange.request) && exchange.request.target.size() <= max_target_bytes;
    auto topic = is_kept ? topic_of(exchange.request) : std::nullopt;
    return topic ? read(endpoint, exchange, std::move(*topic)) : endpoint.answer(exchange);
  };
  return cached;
}

std::string etag_of(std::string_view bytes) {
  return '"' + crypto::to_base64url(crypto::sha256(bytes).substr(0, 16)) + '"';
}

}  // namespace balcao::http
