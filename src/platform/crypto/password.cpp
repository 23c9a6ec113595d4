#include "platform/crypto/password.hpp"

#include <argon2.h>
#include <sys/mman.h>

#include <algorithm>
#include <charconv>
#include <new>
#include <optional>
#include <stdexcept>

#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"

namespace balcao::crypto {
namespace {

constexpr std::size_t salt_size = 16;
constexpr std::size_t tag_size = 32;

/// A hash that came from elsewhere must not name its own price: what costs more than this is no hash of ours.
constexpr Argon2Cost highest_cost{.memory_kib = 1024 * 1024, .passes = 64, .lanes = 64};

/// The parts of `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`.
struct Phc {
  Argon2Cost cost;
  std::string salt;
  std::string tag;
};

// Straight from the system and straight back: the heap would keep tens of megabytes for every worker that ever hashed.
int map_memory(std::uint8_t** memory, std::size_t size) {
  void* const pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  *memory = pages == MAP_FAILED ? nullptr : static_cast<std::uint8_t*>(pages);
  return pages == MAP_FAILED ? ARGON2_MEMORY_ALLOCATION_ERROR : ARGON2_OK;
}

void unmap_memory(std::uint8_t* memory, std::size_t size) { munmap(memory, size); }

std::string argon2id(std::string_view password, std::string salt, Argon2Cost cost, std::size_t size) {
  std::string tag(size, '\0');
  argon2_context context{};
  context.out = reinterpret_cast<std::uint8_t*>(tag.data());
  context.outlen = static_cast<std::uint32_t>(tag.size());
  context.pwd = reinterpret_cast<std::uint8_t*>(const_cast<char*>(password.data()));  // read only, by its default flags
  context.pwdlen = static_cast<std::uint32_t>(password.size());
  context.salt = reinterpret_cast<std::uint8_t*>(salt.data());
  context.saltlen = static_cast<std::uint32_t>(salt.size());
  context.t_cost = cost.passes;
  context.m_cost = cost.memory_kib;
  context.lanes = cost.lanes;
  context.threads = 1;  // the worker pool says how many cores may hash
  context.version = ARGON2_VERSION_13;
  context.allocate_cbk = map_memory;
  context.free_cbk = unmap_memory;

  int const fault = argon2_ctx(&context, Argon2_id);
  if (fault == ARGON2_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  if (fault != ARGON2_OK) throw std::invalid_argument(argon2_error_message(fault));
  return tag;
}

bool take(std::string_view& text, std::string_view expected) {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}

/// Takes what stands before `end`, and `end`.
std::string_view take_until(std::string_view& text, char end) {
  auto const part = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), part.size() + 1));
  return part;
}

/// Takes a decimal number without leading zeros, from 1 to `highest`.
bool take_number(std::string_view& text, std::uint32_t highest, std::uint32_t& number) {
  if (text.starts_with('0')) return false;
  auto const [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc{} || number > highest) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

/// Each of m, t and p once. Any order: the reference implementation writes m,t,p and the PHC library of Node m,p,t.
std::optional<Argon2Cost> parse_cost(std::string_view text) {
  Argon2Cost cost{.memory_kib = 0, .passes = 0, .lanes = 0};
  for (int i = 0; i < 3; ++i) {
    if (i > 0 && !take(text, ",")) return std::nullopt;
    bool const taken = cost.memory_kib == 0 && take(text, "m=")
                           ? take_number(text, highest_cost.memory_kib, cost.memory_kib)
                       : cost.passes == 0 && take(text, "t=") ? take_number(text, highest_cost.passes, cost.passes)
                       : cost.lanes == 0 && take(text, "p=")  ? take_number(text, highest_cost.lanes, cost.lanes)
                                                              : false;
    if (!taken) return std::nullopt;
  }
  if (!text.empty() || cost.memory_kib < 8 * cost.lanes) return std::nullopt;
  return cost;
}

std::optional<std::string> from_unpadded_base64(std::string_view text) {
  if (text.ends_with('=')) return std::nullopt;
  std::string padded(text);
  while (padded.size() % 4 != 0) padded += '=';
  return from_base64(padded);
}

std::string to_unpadded_base64(std::string_view bytes) {
  std::string text = to_base64(bytes);
  text.resize(std::min(text.size(), text.find('=')));
  return text;
}

std::optional<Phc> parse_phc(std::string_view text) {
  if (!take(text, "$argon2id$v=19$")) return std::nullopt;
  auto const cost = parse_cost(take_until(text, '$'));
  auto const salt = from_unpadded_base64(take_until(text, '$'));
  auto const tag = from_unpadded_base64(text);
  if (!cost || !salt || !tag) return std::nullopt;
  if (salt->size() < 8 || salt->size() > 64 || tag->size() < 16 || tag->size() > 64) return std::nullopt;
  return Phc{*cost, *salt, *tag};
}

}  // namespace

std::string hash_password(std::string_view password, Argon2Cost cost) {
  std::string const salt = random_bytes(salt_size);
  std::string const tag = argon2id(password, salt, cost, tag_size);
  return "$argon2id$v=19$m=" + std::to_string(cost.memory_kib) + ",t=" + std::to_string(cost.passes) +
         ",p=" + std::to_string(cost.lanes) + "$" + to_unpadded_base64(salt) + "$" + to_unpadded_base64(tag);
}

bool verify_password(std::string_view password, std::string_view phc) {
  auto const known = parse_phc(phc);
  return known && equal_in_constant_time(argon2id(password, known->salt, known->cost, known->tag.size()), known->tag);
}

bool needs_rehash(std::string_view phc, Argon2Cost cost) {
  auto const known = parse_phc(phc);
  return !known || known->cost != cost || known->salt.size() < salt_size || known->tag.size() < tag_size;
}

}  // namespace balcao::crypto
