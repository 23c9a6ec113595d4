#include "platform/crypto/argon2.hpp"

#include <argon2.h>
#include <sys/mman.h>

#include <new>
#include <stdexcept>

#include "platform/crypto/hash.hpp"
#include "platform/crypto/phc.hpp"

namespace balcao::crypto::argon2 {
namespace {

using phc::from_unpadded_base64;
using phc::take;
using phc::take_number;
using phc::take_until;

/// A hash that came from elsewhere must not name its own price: what costs more than this is no hash of ours.
constexpr Argon2Cost highest_cost{.memory_kib = 1024 * 1024, .passes = 64, .lanes = 64};

/// The memory of this thread's last hash, kept for the next: to get tens of megabytes from the system and give them
/// back costs half as much as the hash itself. argon2 wipes them each time.
class Kept {
 public:
  Kept() = default;
  Kept(Kept const&) = delete;
  ~Kept() { release(); }

  std::uint8_t* take(std::size_t size) {
    if (size_ < size) {
      release();
      void* const pages = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (pages == MAP_FAILED) return nullptr;
      pages_ = static_cast<std::uint8_t*>(pages);
      size_ = size;
    }
    return pages_;
  }

  void release() {
    if (size_ > 0) munmap(pages_, size_);
    size_ = 0;
  }

 private:
  std::uint8_t* pages_ = nullptr;
  std::size_t size_ = 0;
};

thread_local Kept kept;

int take_memory(std::uint8_t** memory, std::size_t size) {
  *memory = kept.take(size);
  return *memory ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

void keep_memory(std::uint8_t*, std::size_t) {}

/// For what argon2 only reads, by its default flags, and does not call const.
std::uint8_t* as_input(std::string_view text) {
  return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
}

argon2_type type_of(Variant variant) {
  switch (variant) {
    case Variant::d:
      return Argon2_d;
    case Variant::i:
      return Argon2_i;
    case Variant::id:
      break;
  }
  return Argon2_id;
}

std::optional<Variant> take_variant(std::string_view& text) {
  if (take(text, "$argon2id$")) return Variant::id;
  if (take(text, "$argon2i$")) return Variant::i;
  if (take(text, "$argon2d$")) return Variant::d;
  return std::nullopt;
}

/// A hash of version 1.0 may name it or not.
std::optional<std::uint32_t> take_version(std::string_view& text) {
  if (take(text, "v=19$")) return 19;
  if (take(text, "v=16$") || !text.starts_with("v=")) return 16;
  return std::nullopt;
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

}  // namespace

std::optional<Hash> parse(std::string_view text) {
  auto const variant = take_variant(text);
  if (!variant) return std::nullopt;
  auto const version = take_version(text);
  auto const cost = parse_cost(take_until(text, '$'));
  auto const salt = from_unpadded_base64(take_until(text, '$'));
  auto const tag = from_unpadded_base64(text);
  if (!version || !cost || !salt || !tag) return std::nullopt;
  if (salt->size() < 8 || salt->size() > 64 || tag->size() < 16 || tag->size() > 64) return std::nullopt;
  return Hash{{.variant = *variant, .version = *version, .cost = *cost, .salt = *salt}, *tag};
}

std::string tag_of(std::string_view password, Parameters const& parameters, std::size_t size) {
  std::string tag(size, '\0');
  argon2_context context{};
  context.out = reinterpret_cast<std::uint8_t*>(tag.data());
  context.outlen = static_cast<std::uint32_t>(tag.size());
  context.pwd = as_input(password);
  context.pwdlen = static_cast<std::uint32_t>(password.size());
  context.salt = as_input(parameters.salt);
  context.saltlen = static_cast<std::uint32_t>(parameters.salt.size());
  context.t_cost = parameters.cost.passes;
  context.m_cost = parameters.cost.memory_kib;
  context.lanes = parameters.cost.lanes;
  context.threads = 1;  // the worker pool says how many cores may hash
  context.version = parameters.version;
  context.allocate_cbk = take_memory;
  context.free_cbk = keep_memory;

  int const fault = argon2_ctx(&context, type_of(parameters.variant));
  if (fault == ARGON2_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  if (fault != ARGON2_OK) throw std::invalid_argument(argon2_error_message(fault));
  return tag;
}

void release_memory() { kept.release(); }

bool fits(std::string_view password, Hash const& hash) {
  return equal_in_constant_time(tag_of(password, hash.parameters, hash.tag.size()), hash.tag);
}

}  // namespace balcao::crypto::argon2
