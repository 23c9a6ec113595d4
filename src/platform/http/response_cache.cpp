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
constexpr std::chrono::milliseconds longest_in_doubt{900};

}  // namespace

/// An answer that is being read, and who waits for it. It lives in the frame of the coroutine that reads.
struct ResponseCache::Flight {
  struct Outcome {
    std::optional<Response> response;
    std::exception_ptr failure;
  };
  struct Passenger {
    Outcome* outcome;  ///< in his coroutine's frame, which stays until he is resumed
    std::move_only_function<void()> resume;
  };

  Reading reading;
  std::vector<Passenger> passengers{};
};

/// One loop's part, touched on that loop only. It has two rows: what is asked for moves to the front one, and where
/// that is half of all there is room for, what is still in the back one gives way to it.
struct ResponseCache::Shelf {
  struct Kept {
    StoredResponse answer;
    Reading reading;
    std::size_t bytes;
  };
  using Row = std::unordered_map<std::string, Kept>;  ///< by target

  Row front;
  Row back;
  std::size_t front_bytes = 0;
  std::unordered_map<std::string, Flight*> flights;  ///< by target

  Kept const* find(std::string const& target) {
    if (auto const found = front.find(target); found != front.end()) return &found->second;
    auto const found = back.find(target);
    if (found == back.end()) return nullptr;
    front_bytes += found->second.bytes;
    return &front.insert(back.extract(found)).position->second;
  }

  void put(std::string target, Kept kept, std::size_t room) {
    if (kept.bytes > room / 2) return;
    if (front_bytes + kept.bytes > room / 2) {
      back = std::exchange(front, {});
      front_bytes = 0;
    }
    back.erase(target);
    auto const [place, is_new] = front.try_emplace(std::move(target));
    front_bytes += kept.bytes - (is_new ? 0 : place->second.bytes);
    place->second = std::move(kept);
  }
};

ResponseCache::ResponseCache(Options options) : options_(std::move(options)) {
  for (std::size_t i = 0; i < options_.loops; ++i) shelves_.push_back(std::make_unique<Shelf>());
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

StoredResponse const* ResponseCache::find(Request const& request) const {
  thread_local std::string target;
  target.assign(request.target);
  auto const* kept = shelves_[current_loop()]->find(target);
  if (!kept || !is_good(kept->reading)) return nullptr;
  bool const certain = options_.is_current();
  return certain || std::chrono::steady_clock::now() - kept->reading.began < longest_in_doubt ? &kept->answer : nullptr;
}

/// If a write came while the answer was read, it may be old and is not kept.
void ResponseCache::keep(Request const& request, Response response, Reading const& reading) {
  if (!is_good(reading)) return;
  std::string target(request.target);
  auto const bytes = response.body.size() + target.size() + 1024;
  shelves_[current_loop()]->put(std::move(target), {store(std::move(response)), reading, bytes},
                                options_.max_bytes_per_loop);
}

Task<Response> ResponseCache::read(Endpoint const& endpoint, Exchange& exchange, std::string topic) {
  auto& flights = shelves_[current_loop()]->flights;
  std::string target(exchange.request.target);
  if (auto const under_way = flights.find(target); under_way != flights.end() && is_good(under_way->second->reading)) {
    Flight::Outcome outcome;
    co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(
        [&](auto resume) { under_way->second->passengers.push_back({&outcome, std::move(resume)}); },
        asio::use_awaitable);
    if (outcome.failure) std::rethrow_exception(outcome.failure);
    if (outcome.response->status == 200) co_return std::move(*outcome.response);
    co_return co_await endpoint.answer(exchange);  // a refusal is in the language of the one who was given it
  }

  Flight flight{begin(topic)};
  flights[target] = &flight;
  Flight::Outcome outcome;
  try {
    outcome.response = co_await fetch(endpoint, exchange, flight);
  } catch (...) {
    outcome.failure = std::current_exception();
  }
  if (auto const own = flights.find(target); own != flights.end() && own->second == &flight) flights.erase(own);
  auto const executor = co_await asio::this_coro::executor;
  for (auto& passenger : flight.passengers) {
    *passenger.outcome = outcome;
    asio::post(executor, std::move(passenger.resume));
  }
  if (outcome.failure) std::rethrow_exception(outcome.failure);
  co_return std::move(*outcome.response);
}

Task<Response> ResponseCache::fetch(Endpoint const& endpoint, Exchange& exchange, Flight& flight) {
  auto response = co_await endpoint.answer(exchange);
  if (response.status != 200) co_return response;
  bool const has_etag = std::ranges::any_of(response.headers, [](auto const& field) { return field.first == "ETag"; });
  if (!has_etag) response.header("ETag", etag_of(response.body));
  response.header("Cache-Control", "public, no-cache");
  auto kept = response;
  if (endpoint.access.is(Access::visitor)) kept.header("Vary", "Authorization");
  keep(exchange.request, std::move(kept), flight.reading);
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
    auto topic = is_for_all(exchange.request) ? topic_of(exchange.request) : std::nullopt;
    return topic ? read(endpoint, exchange, std::move(*topic)) : endpoint.answer(exchange);
  };
  return cached;
}

std::string etag_of(std::string_view bytes) {
  return '"' + crypto::to_base64url(crypto::sha256(bytes).substr(0, 16)) + '"';
}

}  // namespace balcao::http
