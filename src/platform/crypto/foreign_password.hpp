#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// Password hashes that another system made, so that its users can come along: each is checked at the first login and
/// then replaced by one of ours.
///
/// A hash must not name its own price. What would take over 256 MiB of memory, or more than some two seconds, is
/// none that is known here: bcrypt goes up to cost 15, sha-crypt to a million rounds, PBKDF2 to three million
/// iterations, scrypt to 512 MiB of memory times p, argon2 to 1 GiB of memory times t.
namespace balcao::crypto::foreign_password {

enum class Scheme : std::uint8_t { argon2, bcrypt, scrypt, sha_crypt, pbkdf2 };

/// The scheme of a hash that `verify` can check; nothing for any other text, be it malformed, unknown or too dear.
/// Safe from any thread. Known are:
/// - bcrypt: `$2a$`, `$2b$`, `$2y$`
/// - sha-crypt: `$5$` and `$6$`, with `rounds=` or without
/// - scrypt: `$7$` of crypt(3), and `$scrypt$ln=14,r=8,p=1$salt$hash`
/// - PBKDF2: Django's `pbkdf2_sha256$iterations$salt$hash`, passlib's `$pbkdf2-sha256$iterations$salt$hash` and the
///   PHC form `$pbkdf2-sha256$i=iterations,l=size$salt$hash`, each with SHA-1, SHA-256 or SHA-512
/// - argon2: the PHC strings of argon2i, argon2d and argon2id, versions 1.0 and 1.3
std::optional<Scheme> scheme_of(std::string_view hash);

/// Whether the password fits the hash; false for a hash without a `scheme_of`. Takes up to the bounds above: run it on
/// the CPU workers, never on an event loop, and count its memory. Throws std::bad_alloc where there is not that much.
///
/// bcrypt, sha-crypt and `$7$` end a password at a NUL byte and take at most 512 bytes: one with a NUL or longer fits
/// none of their hashes. bcrypt hashes the first 72 bytes only, so that a longer password fits if those do, as it did
/// where the hash was made; the hash that replaces it should be made of the whole password.
bool verify(std::string_view password, std::string_view hash);

}  // namespace balcao::crypto::foreign_password
