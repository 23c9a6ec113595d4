#include "platform/shared/memory/counters.hpp"

#include <algorithm>
#include <bit>

#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"

namespace balcao::shared::memory {
namespace {

constexpr std::size_t secret_bytes = 16;

/// More kinds than the program has; keys that would make another share one.
constexpr std::size_t max_kinds = 16;

}  // namespace

Counters::Counters(std::size_t max_per_kind)
    : max_per_kind_(max_per_kind), secret_(crypto::random_bytes(secret_bytes)) {}

Count Counters::add(std::string_view key, std::int64_t amount, std::chrono::seconds window, Time now) {
  auto& kind = kind_of(key);
  for (int i = 0; i < 2 && !kind.by_end.empty() && kind.by_end.front().window_end <= now; ++i) {
    remove(kind, kind.by_end.front());
  }
  auto const digest = digest_of(key);
  auto found = kind.counters.find(digest);
  if (found == kind.counters.end()) {
    if (amount <= 0) return {0, now + window};
    if (kind.counters.size() >= max_per_kind_) make_room(kind);
    found = kind.counters.try_emplace(digest).first;
    found->second.digest = digest;
    found->second.window_end = now + window;
    kind.by_end.push_back(found->second);
    kind.by_level[0].push_back(found->second);
  }
  auto& counter = found->second;
  auto const level = level_of(counter);
  if (counter.window_end <= now) {
    counter.value = 0;
    counter.window_end = now + window;
    kind.by_end.splice(kind.by_end.end(), kind.by_end, kind.by_end.iterator_to(counter));
  }
  counter.value = std::max<std::int64_t>(0, counter.value + amount);
  auto const new_level = level_of(counter);
  if (new_level != level) {
    auto& from = kind.by_level[level];
    kind.by_level[new_level].splice(kind.by_level[new_level].end(), from, from.iterator_to(counter));
  }
  return {counter.value, counter.window_end};
}

std::size_t Counters::size() const {
  std::size_t sum = 0;
  for (auto const& [name, kind] : kinds_) sum += kind.counters.size();
  return sum;
}

Counters::Kind& Counters::kind_of(std::string_view key) {
  auto const first = key.find(':');
  auto const second = first == key.npos ? key.npos : key.find(':', first + 1);
  auto const name = second == key.npos ? std::string_view() : key.substr(0, second);
  auto const found = kinds_.find(name);
  if (found != kinds_.end()) return found->second;
  return kinds_[kinds_.size() < max_kinds ? std::string(name) : std::string()];
}

Counters::Digest Counters::digest_of(std::string_view key) const {
  auto const whole = crypto::sha256(secret_ + std::string(key));
  Digest digest;
  std::copy_n(whole.data(), digest_bytes, digest.data());
  return digest;
}

std::size_t Counters::level_of(Counter const& counter) {
  return static_cast<std::size_t>(std::bit_width(static_cast<std::uint64_t>(counter.value)));
}

void Counters::remove(Kind& kind, Counter& counter) {
  auto& level = kind.by_level[level_of(counter)];
  level.erase(level.iterator_to(counter));
  kind.by_end.erase(kind.by_end.iterator_to(counter));
  auto const digest = counter.digest;
  kind.counters.erase(digest);
}

void Counters::make_room(Kind& kind) {
  auto const lowest = std::ranges::find_if(kind.by_level, [](auto const& level) { return !level.empty(); });
  if (lowest != kind.by_level.end()) remove(kind, lowest->front());
}

}  // namespace balcao::shared::memory
