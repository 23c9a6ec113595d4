#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "platform/runtime/loops.hpp"

namespace balcao::db {

/// Look-ups by key that are made together: all that one turn of an event loop brings become one question to the
/// database, which costs it little more than a single one does. Call it from coroutines on any loop; it must outlive
/// them.
template <class Key, class Found>
class Lookup {
 public:
  /// Gives those of the keys that there are. What it throws is thrown to all who asked.
  using Fetch = std::function<Task<std::unordered_map<Key, Found>>(std::vector<Key> keys)>;

  Lookup(std::size_t loops, Fetch fetch) : fetch_(std::move(fetch)), asking_(loops) {}
  Lookup(Lookup const&) = delete;

  /// What is stored under the key at some moment after the call.
  Task<std::optional<Found>> find(Key key) {
    namespace asio = boost::asio;
    Outcome outcome;
    auto& asking = asking_.at(current_loop());
    if (asking.empty()) asio::co_spawn(co_await asio::this_coro::executor, answer(asking), asio::detached);
    co_await asio::async_initiate<asio::use_awaitable_t<> const, void()>(
        [&](auto resume) { asking.push_back({key, &outcome, std::move(resume)}); }, asio::use_awaitable);
    if (outcome.error) std::rethrow_exception(outcome.error);
    co_return std::move(outcome.found);
  }

 private:
  /// It lives in the frame of the coroutine that asks, which stays until it is resumed.
  struct Outcome {
    std::optional<Found> found;
    std::exception_ptr error;
  };
  struct Question {
    Key key;
    Outcome* outcome;
    std::move_only_function<void()> resume;
  };
  using Questions = std::vector<Question>;

  Task<> answer(Questions& asking) {
    co_await boost::asio::post(boost::asio::use_awaitable);  // the rest of this turn may ask too
    auto questions = std::exchange(asking, {});
    std::vector<Key> keys;
    keys.reserve(questions.size());
    for (auto const& question : questions) keys.push_back(question.key);
    std::unordered_map<Key, Found> found;
    std::exception_ptr error;
    try {
      found = co_await fetch_(std::move(keys));
    } catch (...) {
      error = std::current_exception();
    }
    auto const executor = co_await boost::asio::this_coro::executor;
    for (auto& question : questions) {
      if (auto const one = found.find(question.key); one != found.end()) question.outcome->found = one->second;
      question.outcome->error = error;
      boost::asio::post(executor, std::move(question.resume));
    }
  }

  Fetch const fetch_;
  std::vector<Questions> asking_;  ///< of each loop, touched by that loop only
};

}  // namespace balcao::db
