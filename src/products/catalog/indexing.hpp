#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <set>

#include "platform/runtime/wake_up.hpp"
#include "products/catalog/word_store.hpp"

namespace balcao::products {

/// What search needs and no write waits for: the spellings of new words, and the words of products that came without
/// them. It may go on in any number of processes.
class Indexing {
 public:
  /// `found_anew` is called when searches may find more than before. What it is given must outlive it.
  Indexing(WordStore& words, std::function<void()> found_anew) : words_(words), found_anew_(std::move(found_anew)) {}

  /// After a write, from any thread: these words may be new.
  void note(std::vector<std::string> words);
  /// The same where it is not known which: all that is there is looked through, some seconds later.
  void note_all();
  /// Goes on until `stop`: at first, after writes, and from time to time for what a process that died has left.
  Task<> run();
  /// From any thread.
  void stop();

  /// Looks through all that is there.
  Task<> catch_up();
  /// Sees to these words.
  Task<> learn(std::set<std::string> words);
  /// Removes the spellings of words that no product has any more. `run` does it every hour, and whenever 20,000 words
  /// have been learned: so many can be kept without a product at most.
  Task<> forget();

 private:
  struct News {
    std::set<std::string> words;
    bool all = false;
  };

  void take_news(News& into);
  Task<> index_products();
  Task<> learn_words();
  Task<> keep(std::vector<std::vector<std::string>> spellings_of_words);

  WordStore& words_;
  std::function<void()> found_anew_;
  std::mutex mutex_;
  News news_;  ///< under the mutex
  std::atomic<bool> stopping_ = false;
  WakeUp news_came_;
  WakeUp end_;               ///< rung by `stop` alone
  std::size_t learned_ = 0;  ///< since the last `forget`
  std::chrono::steady_clock::time_point next_forgetting_{};
};

}  // namespace balcao::products
