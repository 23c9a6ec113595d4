#include "platform/crypto/foreign_password.hpp"

#include <crypt.h>
#include <openssl/evp.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <variant>

#include "platform/crypto/argon2.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/crypto/phc.hpp"

namespace balcao::crypto::foreign_password {
namespace {

using phc::from_unpadded_base64;
using phc::take;
using phc::take_number;
using phc::take_until;

constexpr std::uint64_t highest_memory = 256 << 20;
constexpr std::uint64_t highest_scrypt_work = 512 << 20;  ///< memory times the passes over it
constexpr std::uint64_t highest_scrypt_lanes = 16 << 20;  ///< what PBKDF2 makes for it beforehand
constexpr std::uint64_t highest_argon2_work = 1 << 30;
constexpr std::uint32_t highest_bcrypt_cost = 15;
constexpr std::uint32_t highest_sha_crypt_rounds = 1'000'000;
constexpr std::uint32_t highest_pbkdf2_iterations = 3'000'000;

constexpr std::string_view crypt_alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// What crypt(3) checks: the text holds the parameters, and ends with the digest.
struct CryptHash {
  Scheme scheme;
  std::string text;
  std::size_t digest_size;
};

struct ScryptCost {
  std::uint32_t log_n = 0;
  std::uint32_t r = 0;
  std::uint32_t p = 0;
};

struct ScryptHash {
  ScryptCost cost;
  std::string salt;
  std::string digest;
};

struct Pbkdf2Hash {
  EVP_MD const* algorithm;
  std::uint32_t iterations;
  std::string salt;
  std::string digest;
};

using Hash = std::variant<CryptHash, ScryptHash, Pbkdf2Hash, argon2::Hash>;

bool is_crypt_text(std::string_view text) { return text.find_first_not_of(crypt_alphabet) == std::string_view::npos; }

bool has_a_size_in_use(std::string_view digest) { return digest.size() >= 16 && digest.size() <= 64; }

/// `$2b$12$`, 22 characters of salt and 31 of digest.
std::optional<CryptHash> parse_bcrypt(std::string_view text) {
  auto rest = text;
  if (!take(rest, "$2a$") && !take(rest, "$2b$") && !take(rest, "$2y$")) return std::nullopt;
  auto cost_text = take_until(rest, '$');
  if (cost_text.size() != 2 || rest.size() != 22 + 31 || !is_crypt_text(rest)) return std::nullopt;
  take(cost_text, "0");
  std::uint32_t cost = 0;
  if (!take_number(cost_text, highest_bcrypt_cost, cost) || !cost_text.empty() || cost < 4) return std::nullopt;
  return CryptHash{Scheme::bcrypt, std::string(text), 31};
}

/// `$5$rounds=10000$salt$digest`; `$6$` has the longer digest.
std::optional<CryptHash> parse_sha_crypt(std::string_view text) {
  auto rest = text;
  bool const is_sha256 = take(rest, "$5$");
  if (!is_sha256 && !take(rest, "$6$")) return std::nullopt;
  std::uint32_t rounds = 5000;
  if (take(rest, "rounds=") && !(take_number(rest, highest_sha_crypt_rounds, rounds) && take(rest, "$"))) {
    return std::nullopt;
  }
  auto const salt = take_until(rest, '$');
  std::size_t const digest_size = is_sha256 ? 43 : 86;
  bool const sound =
      rounds >= 1000 && salt.size() <= 16 && is_crypt_text(salt) && rest.size() == digest_size && is_crypt_text(rest);
  return sound ? std::optional(CryptHash{Scheme::sha_crypt, std::string(text), digest_size}) : std::nullopt;
}

bool is_bearable(ScryptCost cost) {
  constexpr std::uint32_t highest_log_n = 21;  // and r: these alone are all the memory, so no product below overflows
  if (cost.log_n < 1 || cost.log_n > highest_log_n || cost.r < 1 || cost.r > 1U << highest_log_n || cost.p < 1) {
    return false;
  }
  std::uint64_t const block = 128ULL * cost.r;
  std::uint64_t const memory = block << cost.log_n;
  bool const is_scrypt = cost.log_n < 16ULL * cost.r;  // RFC 7914 §6
  return is_scrypt && memory <= highest_memory && block * cost.p <= highest_scrypt_lanes &&
         memory * cost.p <= highest_scrypt_work;
}

/// Six bits a character, the lowest first.
std::uint32_t crypt_number(std::string_view text) {
  std::uint32_t number = 0;
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
    number = number << 6 | static_cast<std::uint32_t>(crypt_alphabet.find(*digit));
  }
  return number;
}

/// `$7$`, one character of log N, five of r, five of p, the salt, `$` and the digest.
std::optional<CryptHash> parse_crypt_scrypt(std::string_view text) {
  auto rest = text;
  if (!take(rest, "$7$") || rest.size() < 11) return std::nullopt;
  auto const cost = rest.substr(0, 11);
  rest.remove_prefix(cost.size());
  auto const salt = take_until(rest, '$');
  constexpr std::size_t digest_size = 43;
  bool const sound = is_crypt_text(cost) && !salt.empty() && salt.size() <= 86 && is_crypt_text(salt) &&
                     rest.size() == digest_size && is_crypt_text(rest) &&
                     is_bearable({.log_n = crypt_number(cost.substr(0, 1)),
                                  .r = crypt_number(cost.substr(1, 5)),
                                  .p = crypt_number(cost.substr(6))});
  return sound ? std::optional(CryptHash{Scheme::scrypt, std::string(text), digest_size}) : std::nullopt;
}

/// `$scrypt$ln=14,r=8,p=1$salt$digest`.
std::optional<ScryptHash> parse_scrypt(std::string_view text) {
  constexpr std::uint32_t any = 1 << 30;
  ScryptCost cost;
  bool const taken = take(text, "$scrypt$ln=") && take_number(text, any, cost.log_n) && take(text, ",r=") &&
                     take_number(text, any, cost.r) && take(text, ",p=") && take_number(text, any, cost.p) &&
                     take(text, "$");
  if (!taken || !is_bearable(cost)) return std::nullopt;
  auto const salt = from_unpadded_base64(take_until(text, '$'));
  auto const digest = from_unpadded_base64(text);
  if (!salt || !digest || salt->size() > 128 || !has_a_size_in_use(*digest)) return std::nullopt;
  return ScryptHash{cost, *salt, *digest};
}

struct Pbkdf2Form {
  std::string_view prefix;
  EVP_MD const* (*algorithm)();
  bool is_django;
};

constexpr Pbkdf2Form pbkdf2_forms[] = {
    {"pbkdf2_sha1$", EVP_sha1, true},       {"pbkdf2_sha256$", EVP_sha256, true},
    {"pbkdf2_sha512$", EVP_sha512, true},   {"$pbkdf2$", EVP_sha1, false},
    {"$pbkdf2-sha1$", EVP_sha1, false},     {"$pbkdf2-sha256$", EVP_sha256, false},
    {"$pbkdf2-sha512$", EVP_sha512, false},
};

/// passlib writes '.' where base64 has '+'.
std::optional<std::string> from_passlib_base64(std::string_view text) {
  std::string plain(text);
  std::ranges::replace(plain, '.', '+');
  return from_unpadded_base64(plain);
}

/// What follows the prefix. Django's salt is text, and its base64 padded.
std::optional<Pbkdf2Hash> parse_pbkdf2_parts(std::string_view text, Pbkdf2Form const& form) {
  std::uint32_t iterations = 0;
  std::uint32_t size = 0;
  bool const is_phc = !form.is_django && take(text, "i=");
  if (!take_number(text, highest_pbkdf2_iterations, iterations)) return std::nullopt;
  if (is_phc && take(text, ",l=") && !take_number(text, 64, size)) return std::nullopt;
  if (!take(text, "$")) return std::nullopt;

  auto const salt_text = take_until(text, '$');
  auto const salt = form.is_django ? std::optional(std::string(salt_text)) : from_passlib_base64(salt_text);
  auto const digest = form.is_django ? from_base64(text) : from_passlib_base64(text);
  if (!salt || !digest || salt->empty() || salt->size() > 128 || !has_a_size_in_use(*digest)) return std::nullopt;
  if (size != 0 && size != digest->size()) return std::nullopt;

  auto const* const algorithm = form.algorithm();
  auto const block = static_cast<std::size_t>(EVP_MD_get_size(algorithm));
  auto const blocks = (digest->size() + block - 1) / block;  // each costs all the iterations
  if (blocks * iterations > highest_pbkdf2_iterations) return std::nullopt;
  return Pbkdf2Hash{algorithm, iterations, *salt, *digest};
}

std::optional<Pbkdf2Hash> parse_pbkdf2(std::string_view text) {
  for (auto const& form : pbkdf2_forms) {
    if (take(text, form.prefix)) return parse_pbkdf2_parts(text, form);
  }
  return std::nullopt;
}

std::optional<argon2::Hash> parse_argon2(std::string_view text) {
  auto hash = argon2::parse(text);
  if (!hash) return std::nullopt;
  auto const& cost = hash->parameters.cost;
  std::uint64_t const memory = 1024ULL * cost.memory_kib;
  return memory <= highest_memory && memory * cost.passes <= highest_argon2_work ? std::move(hash) : std::nullopt;
}

std::optional<Hash> parse(std::string_view text) {
  if (auto hash = parse_bcrypt(text)) return hash;
  if (auto hash = parse_sha_crypt(text)) return hash;
  if (auto hash = parse_crypt_scrypt(text)) return hash;
  if (auto hash = parse_scrypt(text)) return hash;
  if (auto hash = parse_pbkdf2(text)) return hash;
  if (auto hash = parse_argon2(text)) return hash;
  return std::nullopt;
}

Scheme scheme(CryptHash const& hash) { return hash.scheme; }
Scheme scheme(ScryptHash const&) { return Scheme::scrypt; }
Scheme scheme(Pbkdf2Hash const&) { return Scheme::pbkdf2; }
Scheme scheme(argon2::Hash const&) { return Scheme::argon2; }

bool fits(std::string_view password, CryptHash const& hash) {
  if (password.contains('\0')) return false;
  auto const data = std::make_unique<crypt_data>();  // 32 KiB: too much for a stack
  errno = 0;
  char const* const output = crypt_r(std::string(password).c_str(), hash.text.c_str(), data.get());
  std::string_view const made = output == nullptr ? "*" : output;
  if (made.starts_with('*') && errno == ENOMEM) throw std::bad_alloc();
  if (made.size() != hash.text.size()) return false;
  // The digest alone: crypt(3) clears the spare bits of a bcrypt salt, which some libraries left set.
  auto const start = made.size() - hash.digest_size;
  return equal_in_constant_time(made.substr(start), std::string_view(hash.text).substr(start));
}

bool fits(std::string_view password, ScryptHash const& hash) {
  std::string made(hash.digest.size(), '\0');
  auto const& [log_n, r, p] = hash.cost;
  if (EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<unsigned char const*>(hash.salt.data()),
                     hash.salt.size(), 1ULL << log_n, r, p, 2 * highest_memory,
                     reinterpret_cast<unsigned char*>(made.data()), made.size()) != 1) {
    throw std::bad_alloc();  // the parameters have been checked
  }
  return equal_in_constant_time(made, hash.digest);
}

bool fits(std::string_view password, Pbkdf2Hash const& hash) {
  std::string made(hash.digest.size(), '\0');
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                        reinterpret_cast<unsigned char const*>(hash.salt.data()), static_cast<int>(hash.salt.size()),
                        static_cast<int>(hash.iterations), hash.algorithm, static_cast<int>(made.size()),
                        reinterpret_cast<unsigned char*>(made.data())) != 1) {
    throw std::runtime_error("crypto: PBKDF2 failed");
  }
  return equal_in_constant_time(made, hash.digest);
}

}  // namespace

std::optional<Scheme> scheme_of(std::string_view hash) {
  auto const known = parse(hash);
  if (!known) return std::nullopt;
  return std::visit([](auto const& parts) { return scheme(parts); }, *known);
}

bool verify(std::string_view password, std::string_view hash) {
  auto const known = parse(hash);
  return known && std::visit([password](auto const& parts) { return fits(password, parts); }, *known);
}

}  // namespace balcao::crypto::foreign_password
