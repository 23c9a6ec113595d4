#pragma once

#include <cstdint>
#include <filesystem>

namespace balcao {

/// How much memory this process may use, in bytes: the smallest limit of its control groups (`memory.max` of version 2,
/// `memory.limit_in_bytes` of version 1), from its own up to the root, or else the machine's memory. `root` is where
/// `/proc` and `/sys` are.
std::uint64_t memory_limit(std::filesystem::path const& root = "/");

}  // namespace balcao
