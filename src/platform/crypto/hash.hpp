#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace balcao::crypto {

/// SHA-256 (FIPS 180-4), 32 raw bytes. Safe from any thread, as everything here.
std::string sha256(std::string_view data);

/// HMAC-SHA256 (RFC 2104), 32 raw bytes.
std::string hmac_sha256(std::string_view key, std::string_view data);

/// HKDF-SHA256 (RFC 5869) with an empty salt: a key of `size` bytes for the purpose that `info` names.
std::string hkdf_sha256(std::string_view secret, std::string_view info, std::size_t size);

/// Compares in a time that depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);

/// base32 without padding (RFC 4648 §6), as authenticator apps read it. Decoding refuses lower case, any other
/// character, padding, and non-zero spare bits.
std::string to_base32(std::string_view bytes);
std::optional<std::string> from_base32(std::string_view text);

/// base64url without padding (RFC 4648 §5). Decoding refuses any other character, padding, and non-zero spare bits.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

/// base64 with padding (RFC 4648 §4), as strict.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace balcao::crypto
