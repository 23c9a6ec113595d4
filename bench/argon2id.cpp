// argon2id alone, as a program that does nothing else would do it: THREADS threads for SECONDS seconds at the cost of
// Balcão's passwords. Prints hashes a second.
#include <argon2.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

namespace {

constexpr unsigned passes = 2;
constexpr unsigned memory_kib = 19 * 1024;
constexpr std::string_view password = "a-password-for-the-bench";
constexpr std::string_view salt = "sixteen bytes 16";

void hash_until(std::atomic<bool> const& over, std::atomic<long>& hashes) {
  std::array<unsigned char, 32> tag{};
  while (!over) {
    int const fault = argon2id_hash_raw(passes, memory_kib, 1, password.data(), password.size(), salt.data(),
                                        salt.size(), tag.data(), tag.size());
    if (fault != ARGON2_OK) std::abort();
    ++hashes;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  std::atomic<bool> over = false;
  std::atomic<long> hashes = 0;
  std::vector<std::thread> threads;
  auto const begin = std::chrono::steady_clock::now();
  for (int i = 0; i < std::atoi(argv[1]); ++i) threads.emplace_back([&] { hash_until(over, hashes); });
  std::this_thread::sleep_for(std::chrono::seconds(std::atoi(argv[2])));
  over = true;
  for (auto& thread : threads) thread.join();
  std::chrono::duration<double> const elapsed = std::chrono::steady_clock::now() - begin;
  std::printf("%.2f\n", static_cast<double>(hashes) / elapsed.count());
}
