#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "platform/db/sqlite/sqlite.hpp"

namespace balcao::test {

/// A directory that goes away with the test.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "balcao-db-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  ScratchDirectory(ScratchDirectory const&) = delete;

  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Time that stands still until it is moved.
class ManualClock final : public Clock {
 public:
  Time now() const override { return Time{std::chrono::microseconds{micros_.load()}}; }
  void advance(std::chrono::microseconds by) { micros_ += by.count(); }

 private:
  std::atomic<std::int64_t> micros_ = 1'800'000'000'000'000;
};

/// Runs one coroutine on the loop, to its end.
template <class T>
T run_on(boost::asio::io_context& loop, Task<T> task) {
  std::exception_ptr failure;
  loop.restart();
  if constexpr (std::is_void_v<T>) {
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr e) { failure = e; });
    loop.run();
    if (failure) std::rethrow_exception(failure);
  } else {
    std::optional<T> result;
    boost::asio::co_spawn(loop, std::move(task), [&](std::exception_ptr e, T value) {
      failure = e;
      if (!e) result.emplace(std::move(value));
    });
    loop.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
  }
}

/// Waits, without blocking the loop, until `condition` holds; fails the test after ten seconds.
inline Task<> until(std::function<bool()> condition) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("the condition did not come true");
    timer.expires_after(std::chrono::milliseconds(1));
    co_await timer.async_wait(boost::asio::use_awaitable);
  }
}

inline int status_of(std::exception_ptr const& failure) {
  try {
    if (failure) std::rethrow_exception(failure);
  } catch (Problem const& problem) {
    return problem.status();
  } catch (std::exception const&) {
    return -1;
  }
  return 0;
}

/// Awaits a task and gives what it threw.
template <class T>
Task<std::exception_ptr> failure_of(Task<T> task) {
  try {
    co_await std::move(task);
  } catch (...) {
    co_return std::current_exception();
  }
  co_return nullptr;
}

/// A database with one table: shop.notes(id unique, text).
class DatabaseTest : public testing::Test {
 protected:
  static constexpr db::Statement insert{"insert", "INSERT INTO shop.notes (id, text) VALUES ($1, $2)"};
  static constexpr db::Statement count{"count", "SELECT count(*) FROM shop.notes"};

  db::sqlite::Options options() const { return {.file = directory / "shop.db", .schema = "shop"}; }

  /// Until nothing is left to do.
  void run_loop() {
    loop.restart();
    loop.run();
  }

  template <class T>
  T run(Task<T> task) {
    return run_on(loop, std::move(task));
  }

  std::unique_ptr<db::Database> open_with_notes(db::sqlite::Options with) {
    auto database = db::sqlite::open(std::move(with));
    run(database->execute_script(
        "CREATE TABLE IF NOT EXISTS shop.notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL CHECK (text <> 'bad'))"));
    return database;
  }
  std::unique_ptr<db::Database> open_with_notes() { return open_with_notes(options()); }

  static Task<std::int64_t> count_notes(db::Database& database) {
    auto const rows = co_await database.query(count);
    co_return rows.front().get<std::int64_t>(0);
  }

  ScratchDirectory directory;
  boost::asio::io_context loop;  ///< outlives the databases that the tests open
};

}  // namespace balcao::test
