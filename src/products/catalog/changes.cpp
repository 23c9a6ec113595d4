#include "products/catalog/changes.hpp"

#include "platform/crypto/random.hpp"

namespace balcao::products {
namespace {

constexpr std::string_view channel = "catalog-changed";
constexpr std::chrono::milliseconds between_attempts{100};

}  // namespace

Changes::Changes(shared::SharedState& shared, http::ResponseCache& pages)
    : shared_(shared), pages_(pages), process_(crypto::random_token(8)) {
  shared_.subscribe(
      std::string(channel),
      [this](std::string_view sender) {
        if (sender != process_) pages_.invalidate();
      },
      [this] { pages_.invalidate(); });
}

void Changes::note() {
  pages_.invalidate();
  if (!untold_.exchange(true)) wake_up_.ring();
}

void Changes::stop() {
  stopping_ = true;
  wake_up_.ring();
}

Task<> Changes::spread() {
  while (!stopping_) {
    co_await wake_up_.wait(untold_ ? between_attempts : std::chrono::minutes(1));
    if (!untold_.exchange(false)) continue;
    try {
      co_await shared_.publish(std::string(channel), process_);
    } catch (Problem const&) {
      untold_ = true;
    }
  }
}

}  // namespace balcao::products
