#include "products/transfer/transfer.hpp"

namespace balcao::products {
namespace {

constexpr std::chrono::milliseconds between_looks{500};

}  // namespace

Transfer::Place Transfer::take_place() {
  if (++places_taken_ > imports_at_once) {
    --places_taken_;
    throw overloaded("Too many imports are under way", "Há importações demais em andamento");
  }
  return {this, [this](void*) { --places_taken_; }};
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
