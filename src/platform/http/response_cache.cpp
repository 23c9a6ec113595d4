#include "platform/http/response_cache.hpp"

#include <unordered_map>

#include "platform/crypto/hash.hpp"
#include "platform/runtime/loops.hpp"

namespace balcao::http {

/// One loop's part, touched on that loop only.
struct ResponseCache::Shelf {
  std::uint64_t generation = 0;
  std::size_t bytes = 0;
  std::unordered_map<std::string, StoredResponse> answers;  ///< by target

  void renew(std::uint64_t current) {
    if (generation == current) return;
    answers.clear();
    bytes = 0;
    generation = current;
  }
};

ResponseCache::ResponseCache(std::size_t loops, std::size_t max_bytes_per_loop) : max_bytes_(max_bytes_per_loop) {
  for (std::size_t i = 0; i < loops; ++i) shelves_.push_back(std::make_unique<Shelf>());
}

ResponseCache::~ResponseCache() = default;

StoredResponse const* ResponseCache::find(Request const& request) const {
  auto const& shelf = *shelves_[current_loop()];
  if (shelf.generation != generation_) return nullptr;
  thread_local std::string target;
  target.assign(request.target);
  auto const found = shelf.answers.find(target);
  return found == shelf.answers.end() ? nullptr : &found->second;
}

/// `generation` is from before the answer was read: if a write came in between, the answer may be old and is not kept.
void ResponseCache::keep(Request const& request, Response const& response, std::uint64_t generation) {
  if (response.status != 200 || generation != generation_) return;
  auto& shelf = *shelves_[current_loop()];
  shelf.renew(generation);
  auto const size = response.body.size() + request.target.size() + 512;
  if (shelf.bytes + size > max_bytes_) return;
  if (shelf.answers.try_emplace(std::string(request.target), store(response)).second) shelf.bytes += size;
}

Task<Response> ResponseCache::fetch(std::function<Task<Response>(Exchange&)> const& answer, Exchange& exchange) {
  auto const generation = generation_.load();
  auto response = co_await answer(exchange);
  if (response.status != 200) co_return response;
  response.header("ETag", etag_of(response.body));
  response.header("Cache-Control", "public, no-cache");
  keep(exchange.request, response, generation);
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
