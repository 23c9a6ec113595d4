#include "auth/keys/rotation.hpp"

#include "platform/telemetry/log.hpp"

namespace balcao::auth {
namespace {

/// Every process looks for new keys several times within it.
constexpr std::chrono::seconds all_have_looked{3};
/// What a clock may be off, and what a process may be late to notice that another key signs.
constexpr std::chrono::seconds leeway{60};

std::chrono::seconds lead_of(Handover handover) {
  switch (handover) {
    case Handover::published:
      return key_set_max_age;
    case Handover::soon:
      return all_have_looked;
    case Handover::revoking:
      break;
  }
  return {};
}

}  // namespace

KeyRotation::KeyRotation(Ground ground, KeySettings const& settings, std::chrono::seconds token_life)
    : store_(ground.store),
      audit_(ground.audit),
      clock_(ground.clock),
      safe_(settings.encryption_keys),
      algorithm_(settings.algorithm),
      rotation_(settings.rotation),
      token_life_(token_life) {}

SigningKey KeyRotation::make(Time signs_from) const { return safe_.put(jwt::Key::generate(algorithm_), signs_from); }

/// A kid is of base64url's characters, and needs no escape.
db::Call KeyRotation::entry(SigningKey const& key, Handover handover, Actor const& actor) const {
  auto details = R"({"kid":")" + key.kid + R"(","algorithm":")" + std::string(jwt::to_string(key.algorithm)) +
                 R"(","signs_from":")" + to_rfc3339(key.signs_from) + R"(","revokes":)" +
                 (handover == Handover::revoking ? "true}" : "false}");
  return audit_.entry(Event::keys_rotated, actor, {}, std::move(details));
}

Task<> KeyRotation::make_first() {
  if (!(co_await store_.read()).keys.empty()) co_return;
  auto const now = clock_.now();
  co_await store_.add({.key = make(now), .now = now, .unless_later = Time{}, .entry = {}});
}

Task<SigningKey> KeyRotation::rotate(Handover handover, Actor actor) {
  auto const now = clock_.now();
  auto const key = make(now + lead_of(handover));
  co_await store_.add({.key = key,
                       .now = now,
                       .unless_later = {},
                       .alone = handover == Handover::revoking,
                       .entry = entry(key, handover, actor)});
  co_return key;
}

Task<> KeyRotation::rotate_by_age() {
  if (!rotation_) co_return;
  auto const now = clock_.now();
  auto const due = now - *rotation_;
  auto const table = co_await store_.read();
  if (table.keys.empty() || table.keys.back().signs_from > due) co_return;
  Actor const age{{}, {"age of the key", {}}};
  auto const key = make(now + lead_of(Handover::published));
  bool const made =
      co_await store_.add({.key = key, .now = now, .unless_later = due, .entry = entry(key, Handover::published, age)});
  if (made) log::info("a new key will sign", {{"kid", key.kid}, {"from", to_rfc3339(key.signs_from)}});
}

Time KeyRotation::retired_at(Time successor_signs_from) const { return successor_signs_from + token_life_ + leeway; }

Task<> KeyRotation::remove_retired() {
  auto const now = clock_.now();
  auto const keys = (co_await store_.read()).keys;
  std::vector<std::string> retired;
  for (std::size_t i = 1; i < keys.size(); ++i) {
    if (retired_at(keys[i].signs_from) <= now) retired.push_back(keys[i - 1].kid);
  }
  co_await store_.remove(std::move(retired));
}

Task<> KeyRotation::renew_seals() {
  for (auto const& stored : (co_await store_.read()).keys) {
    if (!safe_.take(stored)) throw SealedKey(stored.kid);
    if (auto const renewed = safe_.renew(stored)) co_await store_.replace(stored, *renewed);
  }
}

}  // namespace balcao::auth
