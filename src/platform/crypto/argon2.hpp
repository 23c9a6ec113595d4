#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/crypto/password.hpp"

/// Argon2 (RFC 9106) in all its variants, behind our own passwords and those that were made elsewhere.
namespace balcao::crypto::argon2 {

enum class Variant : std::uint8_t { d, i, id };

struct Parameters {
  Variant variant = Variant::id;
  std::uint32_t version = 19;  ///< 19 is 1.3; 16 is 1.0
  Argon2Cost cost;
  std::string salt;
};

/// The parts of `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`.
struct Hash {
  Parameters parameters;
  std::string tag;
};

/// Reads the PHC string; nothing for any other text, and for costs over 1 GiB, 64 passes or 64 lanes.
std::optional<Hash> parse(std::string_view phc);

/// The tag of `size` bytes. The thread keeps the memory for its next hash, until `release_memory`. Throws
/// std::invalid_argument for parameters that argon2 does not have, and std::bad_alloc where there is not that much
/// memory.
std::string tag_of(std::string_view password, Parameters const& parameters, std::size_t size);

/// Gives back what the calling thread keeps.
void release_memory();

/// Whether the password has that tag. Costs as `tag_of`.
bool fits(std::string_view password, Hash const& hash);

}  // namespace balcao::crypto::argon2
