#include "platform/db/sqlite/sqlite.hpp"

#include <algorithm>

#include "platform/db/sqlite/readers.hpp"
#include "platform/db/sqlite/writer.hpp"

namespace balcao::db::sqlite {
namespace {

class SqliteDatabase final : public Database {
 public:
  explicit SqliteDatabase(Options const& options)
      : ping_sql_("SELECT count(*) FROM " + options.schema + ".sqlite_schema"),
        longest_wait_(options.deadline),
        writer_(options),
        readers_(options) {}

  Task<std::vector<Rows>> batch(std::vector<Call> calls) override {
    bool const only_reads = std::ranges::all_of(calls, [](Call const& call) { return call.statement->reads(); });
    co_return co_await (only_reads ? read(std::move(calls)) : write(std::move(calls)));
  }

  Task<> execute_script(std::string script) override { co_await write(Write::Script{std::move(script)}); }

  std::string_view engine() const override { return "sqlite"; }

  Task<> ping() override { co_await run({&ping_, {}}); }

 private:
  Task<Rows> run(Call call) override {
    std::vector<Call> calls;
    calls.push_back(std::move(call));
    auto results = co_await batch(std::move(calls));
    co_return std::move(results.front());
  }

  Task<std::unique_ptr<Transaction>> begin() override {
    auto const transaction = std::make_shared<InteractiveTransaction>();
    auto handle = std::make_unique<TransactionHandle>(transaction);
    co_await write(transaction);
    co_return std::move(handle);
  }

  Task<> commit(std::unique_ptr<Transaction> transaction) override {
    co_await static_cast<TransactionHandle&>(*transaction).commit();
  }

  Task<std::vector<Rows>> read(std::vector<Call> calls) {
    return outcome_of([this, calls = std::move(calls)](Outcome* outcome, Waiter waiter) mutable {
      readers_.submit({std::move(calls), deadline(), outcome, std::move(waiter)});
    });
  }

  Task<std::vector<Rows>> write(decltype(Write::work) work) {
    return outcome_of([this, work = std::move(work)](Outcome* outcome, Waiter waiter) mutable {
      writer_.submit({std::move(work), deadline(), outcome, std::move(waiter)});
    });
  }

  Deadline deadline() const { return std::chrono::steady_clock::now() + longest_wait_; }

  std::string const ping_sql_;
  Statement const ping_{"ping", ping_sql_};
  std::chrono::milliseconds const longest_wait_;
  Writer writer_;
  Readers readers_;  // after writer_: the writer makes the file ready first and closes it last
};

}  // namespace

std::unique_ptr<Database> open(Options options) { return std::make_unique<SqliteDatabase>(options); }

}  // namespace balcao::db::sqlite
