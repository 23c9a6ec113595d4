#include "auth/keys/ring.hpp"

#include <algorithm>

#include "platform/telemetry/log.hpp"

namespace balcao::auth {
namespace {

/// Others ask twice a second what is published here: a key that was taken away is so everywhere within a second.
constexpr std::chrono::milliseconds between_looks{250};

/// How long the name of a process that has gone stays accepted once its last token has expired: it says that it is
/// there each minute only.
constexpr std::chrono::minutes issuer_leeway{5};

}  // namespace

KeyRing::KeyRing(Ground ground, Settings const& settings, KeySettings keys)
    : store_(ground.store),
      clock_(ground.clock),
      issuer_(settings.issuer),
      token_life_(settings.access_token_life),
      secret_(keys.jwt_secret ? std::optional(jwt::Key::hs256(*keys.jwt_secret)) : std::nullopt),
      rotation_(ground, keys, settings.access_token_life),
      verifier_(settings.audience) {
  if (!secret_) return;
  signer_.use(*secret_);
  adopt({});
}

Task<> KeyRing::load() {
  if (!secret_) {
    co_await rotation_.make_first();
    co_await rotation_.renew_seals();
  }
  auto const now = clock_.now();
  co_await store_.see_issuer(issuer_, now, now - token_life_ - issuer_leeway);
  co_await look();
}

Task<> KeyRing::look() {
  auto table = co_await store_.read();
  if (secret_) table.keys.clear();
  if (table != table_) adopt(std::move(table));
  choose_signer();
}

void KeyRing::adopt(KeyTable table) {
  table_ = std::move(table);
  readable_.clear();
  keys_.clear();
  if (secret_) keys_.push_back(*secret_);
  for (auto const& stored : table_.keys) {
    if (auto key = rotation_.safe().take(stored)) {
      readable_.push_back(stored);
      keys_.push_back(std::move(*key));
    } else {
      log::error(SealedKey(stored.kid).what());
    }
  }
  auto issuers = table_.issuers;
  if (std::ranges::find(issuers, issuer_) == issuers.end()) issuers.push_back(issuer_);
  verifier_.use(keys_, issuers);

  auto next = std::make_shared<contracts::KeySet const>(std::move(issuers), jwt::to_jwk_set(keys_));
  std::lock_guard const lock(mutex_);
  published_ = std::move(next);
}

void KeyRing::choose_signer() {
  if (!readable_.empty()) signer_.use(keys_[signing_at(readable_, clock_.now())]);
}

std::shared_ptr<contracts::KeySet const> KeyRing::published() const {
  std::lock_guard const lock(mutex_);
  return published_;
}

void KeyRing::stop() {
  stopping_ = true;
  wake_up_.ring();
}

Task<> KeyRing::follow() {
  bool fails = false;
  for (;;) {
    co_await wake_up_.wait(between_looks);
    if (stopping_) co_return;
    try {
      co_await look();
      if (std::exchange(fails, false)) log::info("the signing keys are followed again");
    } catch (std::exception const& error) {
      if (!std::exchange(fails, true)) log::warn("cannot look at the signing keys", {{"error", error.what()}});
    }
  }
}

Task<> KeyRing::tidy() {
  auto const now = clock_.now();
  co_await store_.see_issuer(issuer_, now, now - token_life_ - issuer_leeway);
  if (secret_) co_return;
  co_await rotation_.rotate_by_age();
  co_await rotation_.remove_retired();
}

}  // namespace balcao::auth
