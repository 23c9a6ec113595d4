#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>

#include "platform/db/database.hpp"
#include "platform/id.hpp"
#include "platform/problem.hpp"

namespace balcao {

/// What a client's `Idempotency-Key` came with;
/// https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/.
struct KeyedRequest {
  Uuid owner;  ///< the user who asks
  std::string key;
  std::string fingerprint;  ///< of the operation and its payload
};

/// The answer that a key's first request came to, and every other one is given.
struct KeptAnswer {
  int status;
  std::string body;
};

/// What is known of a key.
struct KnownKey {
  Uuid thing;                        ///< what its first request made
  std::optional<KeptAnswer> answer;  ///< none while that is not settled: it is to be gone on with
};

namespace problems {

inline constexpr ProblemType idempotency_key_missing{400, "idempotency_key_missing", "An Idempotency-Key is needed",
                                                     "É preciso um Idempotency-Key"};
inline constexpr ProblemType idempotency_key_reused{422, "idempotency_key_reused",
                                                    "This Idempotency-Key belongs to another request",
                                                    "Este Idempotency-Key pertence a outra requisição"};
inline constexpr ProblemType idempotency_key_in_use{
    409, "idempotency_key_in_use", "The first request with this Idempotency-Key is still running",
    "A primeira requisição com este Idempotency-Key ainda está em curso"};

}  // namespace problems

/// Keys are kept for 24 hours. A key is claimed in the batch that makes the thing, and its answer is kept in the batch
/// that settles it, so that neither is ever there without the other.
class IdempotencyKeys {
 public:
  /// Those of one schema, in its table `<schema>.idempotency_keys`. What they are given must outlive them.
  IdempotencyKeys(db::Database& database, std::string const& schema, Clock const& clock);
  ~IdempotencyKeys();

  /// That a request runs in this process.
  class Mark;
  /// Throws Problem idempotency_key_in_use while another request with the key runs here.
  Mark mark(KeyedRequest const& request);

  /// Fails, with all that is in the batch, if the key is there: then `recall` tells what of.
  db::Call claim(KeyedRequest const& request, Uuid thing) const;
  db::Call keep(KeyedRequest const& request, KeptAnswer const& answer) const;
  /// As if the request had never been: it was refused, and nothing is done.
  db::Call forget(KeyedRequest const& request) const;
  /// The same for the key that has made a thing.
  db::Call forget(Uuid thing) const;

  /// Claims the key for a new thing and does what makes the thing, all or nothing; where the key is there already,
  /// nothing is done, and it is told what of (see `recall`). Throws what keeps the calls from being done.
  Task<std::optional<KnownKey>> begin(KeyedRequest request, Uuid thing, std::vector<db::Call> making);

  /// What the key's first request has come to, if there was one. Where that is not settled and nobody is seeing to it
  /// any more, whoever asks is to go on with it. Throws Problem idempotency_key_reused for another request, and
  /// idempotency_key_in_use while another process sees to it.
  Task<std::optional<KnownKey>> recall(KeyedRequest request);

  /// Removes keys that are older than 24 hours, at most `most`; gives how many (see db::Purge).
  Task<std::int64_t> purge(Time now, std::int64_t most);

 private:
  class Store;

  db::Database& database_;
  std::unique_ptr<Store> const store_;
  Clock const& clock_;
  Uuid const holder_;  ///< this process
  std::mutex mutex_;
  std::unordered_set<std::string> running_;
};

class IdempotencyKeys::Mark {
 public:
  Mark(IdempotencyKeys& keys, std::string name) : keys_(&keys), name_(std::move(name)) {}
  Mark(Mark&& other) noexcept : keys_(std::exchange(other.keys_, nullptr)), name_(std::move(other.name_)) {}
  Mark& operator=(Mark&&) = delete;
  ~Mark();

 private:
  IdempotencyKeys* keys_;
  std::string name_;
};

}  // namespace balcao
