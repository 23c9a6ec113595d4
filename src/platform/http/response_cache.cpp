#include "platform/http/response_cache.hpp"

#include <unordered_map>

#include "platform/crypto/hash.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::http {

namespace {

/// The oldest answer that is given where it may be out of date.
constexpr std::chrono::seconds longest_in_doubt{1};

struct Kept {
  StoredResponse answer;
  std::chrono::steady_clock::time_point since;  ///< before it was read
};

}  // namespace

/// One loop's part, touched on that loop only.
struct ResponseCache::Shelf {
  std::uint64_t generation = 0;
  std::size_t bytes = 0;
  std::unordered_map<std::string, Kept> answers;  ///< by target

  void renew(std::uint64_t current) {
    if (generation == current) return;
    answers.clear();
    bytes = 0;
    generation = current;
  }
};

ResponseCache::ResponseCache(Options options) : options_(std::move(options)) {
  for (std::size_t i = 0; i < options_.loops; ++i) shelves_.push_back(std::make_unique<Shelf>());
}

ResponseCache::~ResponseCache() = default;

StoredResponse const* ResponseCache::find(Request const& request) const {
  auto const& shelf = *shelves_[current_loop()];
  if (shelf.generation != generation_) return nullptr;
  thread_local std::string target;
  target.assign(request.target);
  auto const found = shelf.answers.find(target);
  if (found == shelf.answers.end()) return nullptr;
  auto const& kept = found->second;
  bool const good = options_.is_current() || std::chrono::steady_clock::now() - kept.since < longest_in_doubt;
  return good ? &kept.answer : nullptr;
}

/// If a write came while the answer was read, it may be old and is not kept.
void ResponseCache::keep(Request const& request, Response const& response, Reading const& reading) {
  if (response.status != 200 || reading.generation != generation_) return;
  auto& shelf = *shelves_[current_loop()];
  shelf.renew(reading.generation);
  auto const size = response.body.size() + request.target.size() + 512;
  if (shelf.bytes + size > options_.max_bytes_per_loop) return;
  Kept kept{store(response), reading.began};
  if (shelf.answers.insert_or_assign(std::string(request.target), std::move(kept)).second) shelf.bytes += size;
}

Task<Response> ResponseCache::fetch(std::function<Task<Response>(Exchange&)> const& answer, Exchange& exchange) {
  Reading const reading{generation_, std::chrono::steady_clock::now()};
  auto response = co_await answer(exchange);
  if (response.status != 200) co_return response;
  response.header("ETag", etag_of(response.body));
  response.header("Cache-Control", "public, no-cache");
  keep(exchange.request, response, reading);
  co_return response;
}

Endpoint ResponseCache::in_front_of(Endpoint endpoint) {
  endpoint.answer_at_once = [this](Request const& request) { return find(request); };
  endpoint.answer = [this, answer = std::move(endpoint.answer)](Exchange& exchange) { return fetch(answer, exchange); };
  return endpoint;
}

std::string etag_of(std::string_view bytes) {
  return '"' + crypto::to_base64url(crypto::sha256(bytes).substr(0, 16)) + '"';
}

}  // namespace balcao::http
