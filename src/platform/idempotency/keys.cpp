#include "platform/idempotency/keys.hpp"

#include "platform/idempotency/store.hpp"

namespace balcao {
namespace {

using namespace std::chrono_literals;

constexpr auto life = 24h;
/// How long a process that says no more is thought to be still seeing to its request.
constexpr auto lease = 10s;

Problem in_use() {
  return Problem(problems::idempotency_key_in_use, {"Ask again in a second.", "Tente de novo em um segundo."})
      .with_header("Retry-After", "1");
}

std::string name_of(KeyedRequest const& request) { return request.owner.str() + ' ' + request.key; }

}  // namespace

IdempotencyKeys::IdempotencyKeys(db::Database& database, std::string const& schema, Clock const& clock)
    : database_(database),
      store_(std::make_unique<Store>(database, schema)),
      clock_(clock),
      holder_(Uuid::make(clock.now())) {}

IdempotencyKeys::~IdempotencyKeys() = default;

IdempotencyKeys::Mark IdempotencyKeys::mark(KeyedRequest const& request) {
  auto name = name_of(request);
  std::scoped_lock const lock(mutex_);
  if (!running_.insert(name).second) throw in_use();
  return {*this, std::move(name)};
}

IdempotencyKeys::Mark::~Mark() {
  if (!keys_) return;
  std::scoped_lock const lock(keys_->mutex_);
  keys_->running_.erase(name_);
}

db::Call IdempotencyKeys::claim(KeyedRequest const& request, Uuid thing) const {
  Time const now = clock_.now();
  return store_->claim(request, thing, holder_, now, now + lease, now - life);
}

db::Call IdempotencyKeys::keep(KeyedRequest const& request, KeptAnswer const& answer) const {
  return store_->keep(request, answer);
}

db::Call IdempotencyKeys::forget(KeyedRequest const& request) const { return store_->forget(request); }

db::Call IdempotencyKeys::forget(Uuid thing) const { return store_->forget(thing); }

Task<std::optional<KnownKey>> IdempotencyKeys::begin(KeyedRequest request, Uuid thing, std::vector<db::Call> making) {
  making.insert(making.begin(), claim(request, thing));
  std::exception_ptr failure;
  try {
    co_await database_.batch(std::move(making));
  } catch (db::Error const&) {
    failure = std::current_exception();
  }
  if (!failure) co_return std::nullopt;
  auto known = co_await recall(std::move(request));
  if (!known) std::rethrow_exception(failure);
  co_return known;
}

Task<std::optional<KnownKey>> IdempotencyKeys::recall(KeyedRequest request) {
  Time const now = clock_.now();
  auto row = co_await store_->find(request, now - life);
  if (!row) co_return std::nullopt;
  if (row->fingerprint != request.fingerprint) {
    throw Problem(problems::idempotency_key_reused,
                  {"Use a new key for a new request.", "Use uma chave nova para uma requisição nova."});
  }
  if (!row->answer && row->holder != holder_ && !co_await store_->take(request, holder_, now, now + lease)) {
    throw in_use();
  }
  co_return KnownKey{row->thing, std::move(row->answer)};
}

Task<std::int64_t> IdempotencyKeys::purge(Time now, std::int64_t most) {
  return store_->remove_before(now - life, most);
}

}  // namespace balcao
