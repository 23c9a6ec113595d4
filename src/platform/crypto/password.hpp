#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace balcao::crypto {

/// argon2id (RFC 9106). The defaults are OWASP's: 19 MiB, two passes, one lane.
struct Argon2Cost {
  std::uint32_t memory_kib = 19 * 1024;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;
  bool operator==(Argon2Cost const&) const = default;
};

/// Hashes with a fresh salt; gives the PHC string (`$argon2id$v=19$m=…`). Takes tens of milliseconds and
/// `memory_kib` of memory: run it on the CPU workers, never on an event loop. The thread keeps the memory for its next
/// hash (argon2::release_memory).
std::string hash_password(std::string_view password, Argon2Cost cost = {});

/// Whether the password fits the PHC string; false for a string that is none. Costs as `hash_password`.
bool verify_password(std::string_view password, std::string_view phc);

/// Whether the PHC string was made with other costs than `cost`, so that it should be made anew at the next login.
bool needs_rehash(std::string_view phc, Argon2Cost cost = {});

}  // namespace balcao::crypto
