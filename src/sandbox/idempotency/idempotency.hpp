#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "sandbox/idempotency/store.hpp"
#include "sandbox/transport/form.hpp"

namespace balcao::sandbox::idempotency {

/// A request that carries an `Idempotency-Key`.
struct KeyedRequest {
  std::string key;
  std::string endpoint;
  std::string fingerprint;
};

/// The key of a POST, if it has one; throws for one that is too long or not printable.
std::optional<KeyedRequest> read_key(http::Request const& request, Form const& parameters);

/// The keys whose first request is still running in this process. What another process runs is found when its batch
/// and ours want to insert the same key. So no mark has to be cleaned up after a crash.
class RunningKeys {
 public:
  class Mark;

  /// Marks the key until the Mark is gone; throws 409 `idempotency_key_in_use` if it is marked.
  Mark mark(std::string const& key);

 private:
  std::mutex mutex_;
  std::unordered_set<std::string> keys_;
};

class RunningKeys::Mark {
 public:
  Mark(RunningKeys& keys, std::string key) : keys_(&keys), key_(std::move(key)) {}
  Mark(Mark&& other) noexcept : keys_(std::exchange(other.keys_, nullptr)), key_(std::move(other.key_)) {}
  Mark& operator=(Mark&&) = delete;
  ~Mark();

 private:
  RunningKeys* keys_;
  std::string key_;
};

/// Remembers outcomes for 24 hours.
class Memory {
 public:
  explicit Memory(db::Database& database) : store_(database) {}

  /// What the key's first request came to. Throws 400 `idempotency_error` if that was another request.
  Task<std::optional<KeptAnswer>> recall(KeyedRequest request, Time now);

  /// The statements that keep an outcome; they belong in the batch of its effects.
  static std::vector<db::Call> keep(KeyedRequest const& request, std::string request_id, int status, std::string body,
                                    Time now);

  /// For db::Purge: outcomes of more than 24 hours ago.
  Task<std::int64_t> purge(Time now, std::int64_t most);

 private:
  Store store_;
};

}  // namespace balcao::sandbox::idempotency
