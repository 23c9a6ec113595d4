#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace balcao::http {

/// A queue of bytes in a temporary file that has no name, so that nothing is left of it whatever happens. Its calls
/// block: they belong on a worker.
class Spool {
 public:
  static constexpr std::int64_t capacity = std::int64_t{1} << 30;  ///< in bytes

  /// In the directory for temporary files (TMPDIR, /tmp); null where no file can be made there.
  static std::unique_ptr<Spool> open();
  ~Spool();
  Spool(Spool const&) = delete;

  bool empty() const { return taken_ == written_; }
  /// Adds at the end; false where it would be larger than its capacity or the disk does not take it, and nothing was
  /// added.
  bool append(std::string_view bytes);
  /// Takes at most `size` bytes off the front. Throws std::runtime_error where the file cannot be read.
  std::string take(std::size_t size);

 private:
  explicit Spool(int descriptor) : descriptor_(descriptor) {}

  int const descriptor_;
  std::int64_t written_ = 0;
  std::int64_t taken_ = 0;
};

}  // namespace balcao::http
