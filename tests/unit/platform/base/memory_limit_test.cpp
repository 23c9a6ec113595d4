#include "platform/runtime/memory_limit.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

namespace balcao {
namespace {

namespace fs = std::filesystem;

/// A tree that stands for `/`.
class MemoryLimit : public testing::Test {
 protected:
  MemoryLimit() {
    std::string name = (fs::temp_directory_path() / "memory-limit-XXXXXX").string();
    root = ::mkdtemp(name.data());
  }
  ~MemoryLimit() override { fs::remove_all(root); }

  void write(fs::path const& path, std::string_view text) {
    fs::create_directories((root / path).parent_path());
    std::ofstream(root / path) << text;
  }

  fs::path root;
};

constexpr std::uint64_t mebibyte = 1024 * 1024;

TEST_F(MemoryLimit, IsTheMachinesMemoryWithoutGroups) {
  EXPECT_GT(memory_limit(root), 100 * mebibyte);
  write("proc/self/cgroup", "0::/system.slice\n");
  write("sys/fs/cgroup/system.slice/memory.max", "max\n");
  EXPECT_GT(memory_limit(root), 100 * mebibyte);
}

TEST_F(MemoryLimit, IsTheSmallestOfTheGroupAndThoseAboveIt) {
  write("proc/self/cgroup", "0::/a/b/c\n");
  write("sys/fs/cgroup/a/b/c/memory.max", "max\n");
  write("sys/fs/cgroup/a/b/memory.max", "67108864\n");
  write("sys/fs/cgroup/a/memory.max", "83886080\n");
  EXPECT_EQ(memory_limit(root), 64 * mebibyte);
}

TEST_F(MemoryLimit, IsReadOfTheFirstVersionToo) {
  write("proc/self/cgroup", "5:devices:/\n4:cpu,memory:/docker/abc\n0::/\n");
  write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "50331648\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(memory_limit(root), 48 * mebibyte);
}

TEST_F(MemoryLimit, IsTheMountsWhereTheGroupCannotBeSeen) {
  write("proc/self/cgroup", "4:memory:/docker/abc\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "50331648\n");
  EXPECT_EQ(memory_limit(root), 48 * mebibyte);
}

}  // namespace
}  // namespace balcao
