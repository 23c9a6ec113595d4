#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace balcao::crypto {

/// Fills with bytes fit for keys (the operating system's generator through OpenSSL). Safe from any thread. Throws
/// std::runtime_error if there is no randomness to be had.
void fill_random(std::span<std::uint8_t> bytes);

/// `size` random bytes.
std::string random_bytes(std::size_t size);

/// A random secret of `size` bytes in base64url without padding, for tokens and keys.
std::string random_token(std::size_t size);

}  // namespace balcao::crypto
