#include "access/verified_tokens.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "platform/runtime/loops.hpp"

namespace balcao::access {
namespace {

constexpr std::size_t tokens_per_loop = 10'000;  ///< some two megabytes; beyond it they are verified anew

struct Verified {
  http::Caller caller;
  Time expires;
  std::uint64_t generation;
};

/// A digest is as random as a hash can be: a part of it will do.
struct PartOfDigest {
  using is_transparent = void;
  std::size_t operator()(std::string_view digest) const {
    std::size_t part = 0;
    std::memcpy(&part, digest.data(), std::min(sizeof part, digest.size()));
    return part;
  }
};

}  // namespace

struct VerifiedTokens::Shelf {
  std::unordered_map<std::string, Verified, PartOfDigest, std::equal_to<>> tokens;
};

VerifiedTokens::VerifiedTokens(std::size_t loops) {
  for (std::size_t i = 0; i < loops; ++i) shelves_.push_back(std::make_unique<Shelf>());
}

VerifiedTokens::~VerifiedTokens() = default;

std::optional<http::Caller> VerifiedTokens::find(std::string_view digest, Time now, std::uint64_t generation) const {
  auto const& tokens = shelves_[current_loop()]->tokens;
  auto const found = tokens.find(digest);
  if (found == tokens.end()) return std::nullopt;
  auto const& verified = found->second;
  return verified.expires > now && verified.generation == generation ? std::optional(verified.caller) : std::nullopt;
}

void VerifiedTokens::keep(std::string digest, http::Caller const& caller, Time expires, std::uint64_t generation) {
  auto& tokens = shelves_[current_loop()]->tokens;
  if (tokens.size() >= tokens_per_loop) tokens.clear();
  tokens.insert_or_assign(std::move(digest), Verified{caller, expires, generation});
}

}  // namespace balcao::access
