#include "sandbox/idempotency/idempotency.hpp"

#include <algorithm>

#include "platform/crypto/hash.hpp"

namespace balcao::sandbox::idempotency {
namespace {

using namespace std::chrono_literals;

constexpr auto time_kept = 24h;
constexpr std::size_t longest_key = 255;

ApiError used_otherwise(std::string const& key, std::string_view what) {
  return ApiError(400, "idempotency_error",
                  "Keys for idempotent requests can only be used " + std::string(what) +
                      " they were first used with. Try using a key other than '" + key +
                      "' if you meant to execute a different request.");
}

}  // namespace

std::optional<KeyedRequest> read_key(http::Request const& request, Form const& parameters) {
  auto const key = request.header("Idempotency-Key").value_or("");
  if (request.method != http::Method::post || key.empty()) return std::nullopt;
  if (key.size() > longest_key) throw ApiError::invalid("Idempotency keys have at most 255 characters.");
  if (!std::ranges::all_of(key, [](char c) { return c >= ' ' && c < 0x7f; })) {
    throw ApiError::invalid("Idempotency keys are made of printable ASCII characters.");
  }
  return KeyedRequest{std::string(key), std::string(request.method_name) + " " + std::string(request.path),
                      crypto::to_hex(crypto::sha256(canonical_text(parameters)))};
}

RunningKeys::Mark RunningKeys::mark(std::string const& key) {
  std::lock_guard const lock(mutex_);
  if (keys_.insert(key).second) return Mark(*this, key);
  throw ApiError(409, "idempotency_error",
                 "There is currently another in-progress request using this Idempotent Key (that probably means you "
                 "submitted twice, and the other request is still going through): " +
                     key + ". Please try again later.")
      .with_code("idempotency_key_in_use");
}

RunningKeys::Mark::~Mark() {
  if (!keys_) return;
  std::lock_guard const lock(keys_->mutex_);
  keys_->keys_.erase(key_);
}

Task<std::optional<KeptAnswer>> Memory::recall(KeyedRequest request, Time now) {
  auto const kept = co_await store_.find(request.key, Time{now - time_kept});
  if (kept && kept->endpoint != request.endpoint) throw used_otherwise(request.key, "for the same endpoint");
  if (kept && kept->fingerprint != request.fingerprint) throw used_otherwise(request.key, "with the same parameters");
  co_return kept;
}

std::vector<db::Call> Memory::keep(KeyedRequest const& request, std::string request_id, int status, std::string body,
                                   Time now) {
  KeptAnswer const answer{request.endpoint, request.fingerprint, std::move(request_id), status, std::move(body)};
  return {Store::remove_old(request.key, Time{now - time_kept}), Store::insert(request.key, answer, now)};
}

Task<std::int64_t> Memory::purge(Time now, std::int64_t most) { return store_.purge(now - time_kept, most); }

}  // namespace balcao::sandbox::idempotency
