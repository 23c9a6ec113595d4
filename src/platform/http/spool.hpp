#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "platform/runtime/memory_budget.hpp"

namespace balcao::http {

/// A queue of bytes in a temporary file that has no name, so that nothing is left of it whatever happens. Its calls
/// block: they belong on a worker.
class Spool {
 public:
  /// In the directory for temporary files (TMPDIR, /tmp); null where no file can be made there. `space`: what it takes
  /// of the disk is its share.
  static std::unique_ptr<Spool> open(MemoryBudget::Share space);
  ~Spool();
  Spool(Spool const&) = delete;

  bool empty() const { return taken_ == written_; }
  /// Adds at the end; false where its share does not grow so far or the disk does not take it, and nothing was added.
  bool append(std::string_view bytes);
  /// Takes at most `size` bytes off the front. Throws std::runtime_error where the file cannot be read.
  std::string take(std::size_t size);

 private:
  Spool(int descriptor, MemoryBudget::Share space) : descriptor_(descriptor), space_(std::move(space)) {}

  int const descriptor_;
  MemoryBudget::Share space_;
  std::int64_t written_ = 0;
  std::int64_t taken_ = 0;
};

}  // namespace balcao::http
