#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "platform/runtime/wake_up.hpp"
#include "products/transfer/export.hpp"
#include "products/transfer/import.hpp"

namespace balcao::products {

namespace import_problems {

inline constexpr ProblemType too_many_imports{429, "too_many_imports", "Too many imports at once",
                                              "Importações demais ao mesmo tempo"};
inline constexpr ProblemType import_too_slow{408, "import_too_slow", "The file arrives too slowly",
                                             "O arquivo chega devagar demais"};

}  // namespace import_problems

/// Products out of files, and into files.
class Transfer {
 public:
  static constexpr int imports_at_once = 32;  ///< of the process, since each holds some MiB
  static constexpr int imports_of_one = 4;    ///< of a user, so that one cannot shut the others out

  /// `written` is that of Import::Ground; `written_elsewhere` is called when a command has imported beside this
  /// process. What it is given must outlive it.
  Transfer(TransferStore& store, Clock const& clock, std::function<void(std::span<Id<Product> const>)> written,
           std::function<void()> written_elsewhere)
      : store_(store), clock_(clock), written_(std::move(written)), written_elsewhere_(std::move(written_elsewhere)) {}

  /// Held while an import goes on.
  using Place = std::shared_ptr<void>;
  /// Problem too_many_imports where the user has as many as one may have, unavailable where all together do. From any
  /// thread.
  Place take_place(Id<Owner> owner);

  /// Whether a file arrives fast enough to hold a place: 100 bytes a second. Slower ones use up a minute of patience,
  /// faster ones restore it; what came long ago is no credit for more.
  class Progress {
   public:
    /// So many bytes have come after such a wait. Problem import_too_slow where the patience is over.
    void note(std::chrono::steady_clock::duration waited, std::size_t bytes);

   private:
    static constexpr std::chrono::steady_clock::duration full = std::chrono::minutes(1);
    std::chrono::steady_clock::duration patience_ = full;
  };

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
  std::mutex mutex_;
  int places_taken_ = 0;
  std::unordered_map<Id<Owner>, int> places_of_;  ///< of those who have any
  std::atomic<bool> stopping_ = false;
  WakeUp wake_up_;
};

}  // namespace balcao::products
