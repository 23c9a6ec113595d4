#pragma once

#include <exception>
#include <functional>
#include <utility>

#include "platform/runtime/task.hpp"

namespace balcao::products {

/// Announces a write when it goes out of scope, however that comes about. A write whose outcome is unknown may have
/// been done, so only what is certain to have written nothing stays unannounced.
class Announcement {
 public:
  /// `announce` is called once, at most; what it throws is logged.
  explicit Announcement(std::function<void()> announce) : announce_(std::move(announce)) {}
  ~Announcement();
  Announcement(Announcement const&) = delete;

  /// Nothing was written.
  void withdraw() { announce_ = nullptr; }

  /// Awaits the write, and is withdrawn where it fails for certain. What it throws is passed on.
  template <class Result>
  Task<Result> watch(Task<Result> write) {
    try {
      co_return co_await std::move(write);
    } catch (...) {
      if (wrote_nothing(std::current_exception())) withdraw();
      throw;
    }
  }

 private:
  static bool wrote_nothing(std::exception_ptr const& failure);

  std::function<void()> announce_;
};

}  // namespace balcao::products
