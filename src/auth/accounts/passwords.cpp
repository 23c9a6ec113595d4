#include "auth/accounts/passwords.hpp"

#include "platform/crypto/argon2.hpp"
#include "platform/crypto/common_password.hpp"
#include "platform/crypto/foreign_password.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/telemetry/log.hpp"

namespace balcao::auth {
namespace {

/// Hashes of another system that wait for the one worker, each for up to two seconds. Those of one account or address
/// are worked off in turn with others', and give way where there are too many.
constexpr std::size_t waiting_foreign_hashes = 32;

/// `$pepper=<id>` stands before the hash proper.
constexpr std::string_view pepper_mark = "$pepper=";
constexpr std::size_t id_bytes = 4;

std::string id_of(std::string_view pepper) {
  return crypto::to_hex(crypto::hkdf_sha256(pepper, "balcao pepper id", id_bytes));
}

std::string with_pepper(std::string_view hash, std::string_view id) {
  return id.empty() ? std::string(hash) : std::string(pepper_mark) + std::string(id) + std::string(hash);
}

/// A hash that no password has, of this cost.
std::string nobodys_hash(crypto::Argon2Cost const& cost) {
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.passes) +
         ",p=" + std::to_string(cost.lanes) + "$YmFsY2FvLW5vYm9keS0wMQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
}

std::string_view without_pepper(std::string_view stored) {
  if (!stored.starts_with(pepper_mark)) return stored;
  auto const hash = stored.find('$', 1);
  return hash == stored.npos ? std::string_view{} : stored.substr(hash);
}

}  // namespace

Passwords::Passwords(Workers& workers, Hashing hashing)
    : workers_(workers),
      foreign_(1, waiting_foreign_hashes, crypto::argon2::release_memory),
      cost_(hashing.cost),
      nobodys_hash_(with_pepper(nobodys_hash(cost_), hashing.peppers.empty() ? "" : id_of(hashing.peppers.front()))) {
  for (auto& secret : hashing.peppers) peppers_.push_back({id_of(secret), std::move(secret)});
}

std::optional<std::string> Passwords::season(std::string_view password, std::string_view& stored) const {
  auto const hash = without_pepper(stored);
  if (hash.size() == stored.size()) return std::string(password);
  auto const id = stored.substr(pepper_mark.size(), stored.size() - hash.size() - pepper_mark.size());
  stored = hash;
  for (auto const& pepper : peppers_) {
    if (pepper.id == id) return crypto::hmac_sha256(pepper.secret, password);
  }
  log::error("a password was hashed with a pepper that is not among those of PASSWORD_PEPPER", {{"pepper", id}});
  return std::nullopt;
}

std::string Passwords::hash_now(std::string_view password) const {
  if (peppers_.empty()) return crypto::hash_password(password, cost_);
  auto const& pepper = peppers_.front();
  return with_pepper(crypto::hash_password(crypto::hmac_sha256(pepper.secret, password), cost_), pepper.id);
}

bool Passwords::verify_now(std::string_view password, std::string_view stored) const {
  auto const seasoned = season(password, stored);
  return seasoned && crypto::verify_password(*seasoned, stored);
}

Task<std::string> Passwords::hash(std::string password, WorkShare share) {
  co_return co_await workers_.run(std::move(share), [&] { return hash_now(password); });
}

Task<bool> Passwords::verify(std::string password, std::string stored, WorkShare share) {
  // What is ours and no dearer than today's goes to the workers, whose memory is counted with that cost.
  auto const known = crypto::argon2::parse(without_pepper(stored));
  bool const ours = known && known->parameters.variant == crypto::argon2::Variant::id &&
                    known->parameters.cost.memory_kib <= cost_.memory_kib;
  if (ours) co_return co_await workers_.run(std::move(share), [&] { return verify_now(password, stored); });
  if (!crypto::foreign_password::scheme_of(stored)) {
    co_return co_await verify_nobodys(std::move(password), std::move(share));
  }
  auto check = [&] { return crypto::foreign_password::verify(password, stored); };
  co_return co_await foreign_.run(std::move(share), check);
}

Task<bool> Passwords::verify_nobodys(std::string password, WorkShare share) {
  co_await workers_.run(std::move(share), [&] { return verify_now(password, nobodys_hash_); });
  co_return false;
}

Task<bool> Passwords::is_common(std::string password, WorkShare share) {
  co_return co_await workers_.run(std::move(share), [&] { return crypto::is_common_password(password); });
}

bool Passwords::needs_rehash(std::string_view stored) const {
  auto const hash = without_pepper(stored);
  auto const mark = with_pepper("", peppers_.empty() ? "" : peppers_.front().id);
  return stored.substr(0, stored.size() - hash.size()) != mark || crypto::needs_rehash(hash, cost_);
}

}  // namespace balcao::auth
