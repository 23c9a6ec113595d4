#include "products/catalog/indexing.hpp"

#include "platform/telemetry/log.hpp"
#include "products/catalog/spelling.hpp"

namespace balcao::products {
namespace {

using namespace std::chrono_literals;

constexpr auto between_looks = 5min;
/// Writes come in crowds: one round for those of a moment, and fewer that look through everything.
constexpr auto between_rounds = 500ms;
constexpr auto between_full_rounds = 5s;
/// Most of the database's time is for others.
constexpr auto between_steps = 20ms;
/// More words than these are not remembered one by one.
constexpr std::size_t most_remembered = 5000;
constexpr auto between_forgettings = 1h;
constexpr std::size_t max_learned = 20'000;

std::vector<std::vector<std::string>> spellings_of_all(std::vector<std::string> const& words) {
  std::vector<std::vector<std::string>> all;
  for (auto const& word : words) {
    if (auto spellings = spellings_of(word); !spellings.empty()) all.push_back(std::move(spellings));
  }
  return all;
}

}  // namespace

void Indexing::note(std::vector<std::string> words) {
  if (words.empty()) return;
  {
    std::scoped_lock const lock(mutex_);
    news_.words.insert(std::make_move_iterator(words.begin()), std::make_move_iterator(words.end()));
    if (news_.words.size() > most_remembered) news_ = {{}, true};
  }
  news_came_.ring();
}

void Indexing::note_all() {
  {
    std::scoped_lock const lock(mutex_);
    news_.all = true;
  }
  news_came_.ring();
}

void Indexing::take_news(News& into) {
  std::scoped_lock const lock(mutex_);
  into.words.merge(news_.words);
  into.all |= news_.all;
  news_ = {};
}

void Indexing::stop() {
  stopping_ = true;
  news_came_.ring();
  end_.ring();
}

Task<> Indexing::run() {
  News news{{}, true};
  auto next_full = std::chrono::steady_clock::now();
  while (!stopping_) {
    try {
      if (news.all && std::chrono::steady_clock::now() >= next_full) {
        news = {};
        co_await catch_up();
        next_full = std::chrono::steady_clock::now() + between_full_rounds;
      } else {
        co_await learn(std::exchange(news.words, {}));
      }
      if (learned_ >= max_learned || std::chrono::steady_clock::now() >= next_forgetting_) co_await forget();
    } catch (std::exception const& failure) {
      log::warn("the words of products are not all known to searches", {{"cause", failure.what()}});
      news.all = true;
    }
    if (stopping_) break;
    co_await end_.wait(between_rounds);
    if (!news.all) co_await news_came_.wait(between_looks);
    take_news(news);
    if (news.words.empty()) news.all = true;  // it is time to look
  }
}

Task<> Indexing::catch_up() {
  co_await index_products();
  co_await learn_words();
}

Task<> Indexing::learn(std::set<std::string> words) {
  std::erase_if(words, [](std::string const& word) { return spellings_of(word).empty(); });
  for (auto const& known : co_await words_.known({words.begin(), words.end()})) words.erase(known);
  co_await keep(spellings_of_all({words.begin(), words.end()}));
}

Task<> Indexing::index_products() {
  while (!stopping_) {
    auto products = co_await words_.unindexed();
    if (products.empty()) co_return;
    co_await words_.index(std::move(products));
    found_anew_();
    co_await end_.wait(between_steps);
  }
}

Task<> Indexing::learn_words() {
  std::string last = "`";  // before the letters: numbers are not guessed at
  while (!stopping_) {
    auto const words = co_await words_.after(last);
    if (words.empty()) co_return;
    last = words.back().first;
    std::vector<std::string> unknown;
    for (auto const& [word, is_known] : words) {
      if (!is_known) unknown.push_back(word);
    }
    co_await keep(spellings_of_all(unknown));
    co_await end_.wait(between_steps);
  }
}

Task<> Indexing::forget() {
  learned_ = 0;
  next_forgetting_ = std::chrono::steady_clock::now() + between_forgettings;
  std::string spelling;
  std::string word;
  while (!stopping_) {
    auto kept = co_await words_.kept_after(std::move(spelling), std::move(word));
    if (!kept) co_return;
    co_await words_.forget(spellings_of_all(kept->unused));
    spelling = std::move(kept->spelling);
    word = std::move(kept->word);
    co_await end_.wait(between_steps);
  }
}

Task<> Indexing::keep(std::vector<std::vector<std::string>> spellings_of_words) {
  if (spellings_of_words.empty()) co_return;
  learned_ += spellings_of_words.size();
  co_await words_.learn(std::move(spellings_of_words));
  found_anew_();
}

}  // namespace balcao::products
