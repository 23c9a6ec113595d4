#include "platform/crypto/password.hpp"

#include "platform/crypto/argon2.hpp"
#include "platform/crypto/phc.hpp"
#include "platform/crypto/random.hpp"

namespace balcao::crypto {
namespace {

constexpr std::size_t salt_size = 16;
constexpr std::size_t tag_size = 32;

/// Reads a hash of the kind made here, at whatever cost.
std::optional<argon2::Hash> parse_ours(std::string_view phc) {
  auto hash = argon2::parse(phc);
  bool const ours = hash && hash->parameters.variant == argon2::Variant::id && hash->parameters.version == 19;
  return ours ? std::move(hash) : std::nullopt;
}

}  // namespace

std::string hash_password(std::string_view password, Argon2Cost cost) {
  std::string const salt = random_bytes(salt_size);
  std::string const tag = argon2::tag_of(password, {.cost = cost, .salt = salt}, tag_size);
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.passes) +
         ",p=" + std::to_string(cost.lanes) + "$" + phc::to_unpadded_base64(salt) + "$" + phc::to_unpadded_base64(tag);
}

bool verify_password(std::string_view password, std::string_view phc) {
  auto const known = parse_ours(phc);
  return known && argon2::fits(password, *known);
}

bool needs_rehash(std::string_view phc, Argon2Cost cost) {
  auto const known = parse_ours(phc);
  return !known || known->parameters.cost != cost || known->parameters.salt.size() < salt_size ||
         known->tag.size() < tag_size;
}

}  // namespace balcao::crypto
