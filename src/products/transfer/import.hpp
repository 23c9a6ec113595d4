#pragma once

#include <deque>
#include <functional>
#include <span>
#include <unordered_set>

#include "platform/runtime/task_group.hpp"
#include "platform/runtime/wake_up.hpp"
#include "products/transfer/store.hpp"

namespace balcao::products {

/// What became of a line.
struct Outcome {
  std::uint64_t line;
  std::expected<Id<Product>, Problem> result;
};

/// `{"line":1,"id":"…"}` or `{"line":2,"error":{"code":"…","detail":"…","errors":[{"pointer":"…","detail":"…"}]}}`.
void append_json(Outcome const& outcome, Language language, std::string& out);
/// The `error` of it: `{"code":…}`.
void append_json(Problem const& problem, Language language, std::string& out);

/// Takes the products of a file, row by row: each is stored whole, or reported with what is wrong with it, and the
/// others go on. A row with an `id` changes that product, where the actor may; one without makes a product of the
/// actor's. Rows are stored in batches, a few of which are under way at once; what became of a row is reported once its
/// batch is committed, in the order of the lines. Memory does not grow with the file.
///
/// All of it happens on the caller's loop. `settle` must be awaited before it is destroyed.
class Import {
 public:
  static constexpr std::size_t batches_under_way = 2;

  struct Ground {
    TransferStore& store;
    Clock const& clock;
    /// Told which products a commit has changed, before anything of it is reported; of new ones it is told one.
    std::function<void(std::span<Id<Product> const>)> written;
    bool leaves_marks = false;      ///< for processes that `written` does not reach
    std::size_t batch_rows = 1000;  ///< at most; other writes may wait for a batch
    std::size_t batch_bytes = 1024 * 1024;
  };
  /// Told of some outcomes, one call at a time.
  using Report = std::function<Task<>(std::vector<Outcome> const&)>;

  struct Counts {
    std::uint64_t imported = 0;
    std::uint64_t failed = 0;
  };

  Import(Ground ground, Actor actor, RowSource& source, Report report)
      : ground_(std::move(ground)), actor_(actor), source_(source), report_(std::move(report)) {}
  Import(Import const&) = delete;

  /// Takes what the source has by now, and waits while enough is under way. Throws what kept a batch from being stored
  /// (a Problem `unavailable` or `outcome_unknown`: the database was away for long), what `report` threw, and what the
  /// source throws of the file as a whole.
  Task<> take();
  /// Waits until all that has been taken is stored and reported. Throws as `take` does.
  Task<> finish();
  /// The same without a throw.
  Task<> settle();

  /// Of what has been reported.
  Counts const& counts() const { return counts_; }

 private:
  /// Lines that are stored together, and what becomes of each.
  struct Batch {
    std::vector<Outcome> outcomes;
    std::vector<Product> fresh;
    std::vector<Change> changes;
    std::vector<std::size_t> fresh_at;   ///< of each, where its outcome is
    std::vector<std::size_t> change_at;  ///< the same
    std::unordered_set<Id<Product>> changed;
    std::size_t bytes = 0;
    bool is_done = false;
    bool is_stored = false;
  };

  void add(Line line);
  Task<> send();
  Task<> perform(std::shared_ptr<Batch> batch);
  Task<> store(Batch& batch);
  Task<std::size_t> store_part(Batch& batch, std::size_t first, std::size_t count);
  Task<std::vector<bool>> insist(TransferStore::Batch part);
  Task<> report_what_is_done();
  Task<> wait_until_under_way(std::size_t most);

  Ground const ground_;
  Actor const actor_;
  RowSource& source_;
  Report const report_;
  Counts counts_;
  std::shared_ptr<Batch> batch_ = std::make_shared<Batch>();  ///< being filled
  std::deque<std::shared_ptr<Batch>> under_way_;
  bool changes_are_under_way_ = false;
  bool is_reporting_ = false;
  std::exception_ptr failure_;
  WakeUp moved_;
  TaskGroup tasks_;
};

}  // namespace balcao::products
