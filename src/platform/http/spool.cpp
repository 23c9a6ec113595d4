#include "platform/http/spool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>

namespace balcao::http {

std::unique_ptr<Spool> Spool::open(MemoryBudget::Share space) {
  std::error_code fault;
  auto const directory = std::filesystem::temp_directory_path(fault);
  if (fault) return nullptr;
  int const descriptor = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  return descriptor < 0 ? nullptr : std::unique_ptr<Spool>(new Spool(descriptor, std::move(space)));
}

Spool::~Spool() { ::close(descriptor_); }

bool Spool::append(std::string_view bytes) {
  if (!space_.resize(static_cast<std::size_t>(written_) + bytes.size())) return false;
  for (std::size_t done = 0; done < bytes.size();) {
    auto const count =
        ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done, written_ + static_cast<std::int64_t>(done));
    if (count <= 0) return false;
    done += static_cast<std::size_t>(count);
  }
  written_ += static_cast<std::int64_t>(bytes.size());
  return true;
}

std::string Spool::take(std::size_t size) {
  std::string bytes(std::min(size, static_cast<std::size_t>(written_ - taken_)), '\0');
  auto const count = ::pread(descriptor_, bytes.data(), bytes.size(), taken_);
  if (count < 0 || (count == 0 && !bytes.empty())) throw std::runtime_error("a temporary file cannot be read");
  bytes.resize(static_cast<std::size_t>(count));
  taken_ += count;
  if (empty() && ::ftruncate(descriptor_, 0) == 0) {
    taken_ = written_ = 0;
    space_.resize(0);
  }
  return bytes;
}

}  // namespace balcao::http
