#pragma once

#include <atomic>
#include <memory>

#include "platform/runtime/wake_up.hpp"
#include "products/transfer/export.hpp"
#include "products/transfer/import.hpp"

namespace balcao::products {

/// Products out of files, and into files.
class Transfer {
 public:
  static constexpr int imports_at_once = 32;  ///< of the process, since each holds some MiB

  /// `written` is that of Import::Ground; `written_elsewhere` is called when a command has imported beside this
  /// process. What it is given must outlive it.
  Transfer(TransferStore& store, Clock const& clock, std::function<void(std::span<Id<Product> const>)> written,
           std::function<void()> written_elsewhere)
      : store_(store), clock_(clock), written_(std::move(written)), written_elsewhere_(std::move(written_elsewhere)) {}

  /// Held while an import goes on.
  using Place = std::shared_ptr<void>;
  /// Problem unavailable where there are as many as there may be. From any thread.
  Place take_place();

  Import::Ground ground() { return {store_, clock_, written_}; }
  TransferStore& store() { return store_; }

  /// Looks twice a second whether a command has imported, until `stop`.
  Task<> follow();
  /// From any thread.
  void stop();

 private:
  TransferStore& store_;
  Clock const& clock_;
  std::function<void(std::span<Id<Product> const>)> const written_;
  std::function<void()> const written_elsewhere_;
  std::atomic<int> places_taken_ = 0;
  std::atomic<bool> stopping_ = false;
  WakeUp wake_up_;
};

}  // namespace balcao::products
