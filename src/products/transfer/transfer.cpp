#include "products/transfer/transfer.hpp"

#include <algorithm>

namespace balcao::products {
namespace {

constexpr std::chrono::milliseconds between_looks{500};

}  // namespace

Transfer::Place Transfer::take_place(Id<Owner> owner) {
  std::lock_guard const lock(mutex_);
  auto const found = places_of_.find(owner);
  if (found != places_of_.end() && found->second == imports_of_one) {
    throw Problem(import_problems::too_many_imports,
                  {"A user may have 4 imports under way; wait until one has ended.",
                   "Cada usuário pode ter 4 importações em andamento; espere uma terminar."})
        .with_header("Retry-After", "5");
  }
  if (places_taken_ == imports_at_once) {
    throw overloaded("Too many imports are under way", "Há importações demais em andamento");
  }
  ++places_taken_;
  ++places_of_[owner];
  return {this, [this, owner](void*) {
            std::lock_guard const again(mutex_);
            --places_taken_;
            if (--places_of_[owner] == 0) places_of_.erase(owner);
          }};
}

void Transfer::Progress::note(std::chrono::steady_clock::duration waited, std::size_t bytes) {
  constexpr std::chrono::milliseconds for_a_byte{10};
  patience_ = std::min<std::chrono::steady_clock::duration>(
      full, patience_ + static_cast<std::int64_t>(bytes) * for_a_byte - waited);
  if (patience_ >= std::chrono::steady_clock::duration{}) return;
  throw Problem(import_problems::import_too_slow,
                {"Send at least 100 bytes a second.", "Envie pelo menos 100 bytes por segundo."});
}

Task<> Transfer::follow() {
  std::optional<std::string> seen;
  while (!stopping_) {
    try {
      auto mark = co_await store_.last_mark();
      if (seen && *seen != mark) written_elsewhere_();
      seen = std::move(mark);
    } catch (std::exception const&) {  // the database is away; what it holds then is seen when it is back
    }
    co_await wake_up_.wait(between_looks);
  }
}

void Transfer::stop() {
  stopping_ = true;
  wake_up_.ring();
}

}  // namespace balcao::products
