#pragma once

#include <atomic>
#include <functional>

#include "platform/runtime/wake_up.hpp"
#include "products/catalog/word_store.hpp"

namespace balcao::products {

/// What search needs and no write waits for: the spellings of new words, and the words of products that came without
/// them. It may go on in any number of processes.
class Indexing {
 public:
  /// `found_anew` is called when searches may find more than before. What it is given must outlive it.
  Indexing(WordStore& words, std::function<void()> found_anew) : words_(words), found_anew_(std::move(found_anew)) {}

  /// After a write, from any thread: there may be new words.
  void note();
  /// Goes on until `stop`: at first, after writes, and from time to time for those of other processes.
  Task<> run();
  /// From any thread.
  void stop();

  /// One round of it.
  Task<> catch_up();

 private:
  Task<> index_products();
  Task<> learn_words();

  WordStore& words_;
  std::function<void()> found_anew_;
  std::atomic<bool> has_news_ = false;
  std::atomic<bool> stopping_ = false;
  WakeUp news_;
  WakeUp end_;  ///< rung by `stop` alone
};

}  // namespace balcao::products
