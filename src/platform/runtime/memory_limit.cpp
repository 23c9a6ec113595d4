#include "platform/runtime/memory_limit.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace balcao {
namespace {

namespace fs = std::filesystem;

/// The least of the files `name` in `group` and the directories above it, up to `mount`. A container may not see its
/// own group below the mount: then the mount is the group.
void lower(std::uint64_t& limit, fs::path const& mount, fs::path const& group, char const* name) {
  for (auto directory = group.relative_path();; directory = directory.parent_path()) {
    std::ifstream file(mount / directory / name);
    if (std::uint64_t found = 0; file >> found) limit = std::min(limit, found);  // `max` is no number, so no limit
    if (directory.empty()) return;
  }
}

}  // namespace

std::uint64_t memory_limit(fs::path const& root) {
  auto limit =
      static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::ifstream groups(root / "proc/self/cgroup");
  auto const mounts = root / "sys/fs/cgroup";
  for (std::string line; std::getline(groups, line);) {  // `4:cpu,memory:/path`, or `0::/path` of version 2
    auto const controllers = line.find(':');
    auto const path = line.find(':', controllers + 1);
    if (controllers == line.npos || path == line.npos) continue;
    auto const names = ',' + line.substr(controllers + 1, path - controllers - 1) + ',';
    fs::path const group = line.substr(path + 1);
    if (names == ",,") lower(limit, mounts, group, "memory.max");
    if (names == ",,") lower(limit, mounts / "unified", group, "memory.max");
    if (names.contains(",memory,")) lower(limit, mounts / "memory", group, "memory.limit_in_bytes");
  }
  return limit;
}

}  // namespace balcao
