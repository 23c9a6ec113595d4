#include "access/key_feed.hpp"

#include <stdexcept>

#include "platform/telemetry/log.hpp"

namespace balcao::access {
namespace {

constexpr std::chrono::milliseconds between_attempts{500};

}  // namespace

KeyFeed::KeyFeed(contracts::Auth& auth, jwt::Verifier& verifier, std::optional<jwt::Key> secret)
    : auth_(auth), verifier_(verifier), secret_(std::move(secret)) {}

Task<> KeyFeed::load() {
  auto set = co_await auth_.key_set();
  auto keys = secret_ ? std::vector{*secret_} : jwt::parse_jwk_set(set.keys);
  if (keys.empty()) {
    throw std::runtime_error("Auth publishes no keys, so it signs with JWT_SECRET; set the same here");
  }
  loaded_ = contracts::digest_of(set);
  verifier_.use(std::move(keys), std::move(set.issuers));
}

void KeyFeed::notice(std::string digest) {
  latest_ = std::move(digest);
  if (latest_ != loaded_) wake_up_.ring();
}

void KeyFeed::stop() {
  stopping_ = true;
  wake_up_.ring();
}

Task<> KeyFeed::follow() {
  bool fails = false;
  for (;;) {
    co_await wake_up_.wait(between_attempts);
    if (stopping_) co_return;
    if (latest_.empty() || latest_ == loaded_) continue;
    try {
      co_await load();
      log::info("the keys and issuers of tokens are others now");
      fails = false;
    } catch (std::exception const& error) {
      if (!std::exchange(fails, true)) log::warn("cannot get the keys of tokens", {{"error", error.what()}});
    }
  }
}

}  // namespace balcao::access
