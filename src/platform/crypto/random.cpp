#include "platform/crypto/random.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <pthread.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <stdexcept>

#include "platform/crypto/hash.hpp"

namespace balcao::crypto {
namespace {

/// Counts the forks behind this process: a child must not hand out the bytes that its parent has in store.
std::atomic<unsigned>& fork_generation() {
  static std::atomic<unsigned> generation{0};
  static int const registered = pthread_atfork(nullptr, nullptr, [] { ++generation; });
  if (registered != 0) throw std::runtime_error("crypto: no fork handler to be had");
  return generation;
}

void draw(std::span<std::uint8_t> bytes) {
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("crypto: the random generator failed");
  }
}

/// A thread's store of random bytes: a call of RAND_bytes costs as much for 16 bytes as for a few hundred. What has
/// been handed out is wiped here, so it cannot be read again.
class Store {
 public:
  ~Store() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  void take(std::span<std::uint8_t> target) {
    auto const generation = fork_generation().load(std::memory_order_relaxed);
    if (left_ < target.size() || generation != generation_) {
      left_ = 0;
      draw(bytes_);
      left_ = bytes_.size();
      generation_ = generation;
    }
    auto const source = std::span(bytes_).subspan(left_ - target.size(), target.size());
    std::ranges::copy(source, target.begin());
    OPENSSL_cleanse(source.data(), source.size());
    left_ -= target.size();
  }

  static constexpr std::size_t largest_take = 64;

 private:
  std::array<std::uint8_t, 512> bytes_{};
  std::size_t left_ = 0;
  unsigned generation_ = 0;
};

}  // namespace

void fill_random(std::span<std::uint8_t> bytes) {
  if (bytes.size() <= Store::largest_take) {
    thread_local Store store;
    store.take(bytes);
    return;
  }
  constexpr std::size_t largest_draw = 1 << 20;  // RAND_bytes counts in int
  while (!bytes.empty()) {
    auto const part = bytes.first(std::min(bytes.size(), largest_draw));
    draw(part);
    bytes = bytes.subspan(part.size());
  }
}

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  fill_random({reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

std::string random_token(std::size_t size) { return to_base64url(random_bytes(size)); }

}  // namespace balcao::crypto
