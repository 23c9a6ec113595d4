#include "products/catalog/indexing.hpp"

#include "platform/telemetry/log.hpp"
#include "products/catalog/spelling.hpp"

namespace balcao::products {
namespace {

using namespace std::chrono_literals;

constexpr auto between_looks = 5min;
/// Writes come in crowds: one round for those of a moment.
constexpr auto between_rounds = 500ms;
/// Most of the database's time is for others.
constexpr auto between_steps = 20ms;

}  // namespace

void Indexing::note() {
  if (!has_news_.exchange(true)) news_.ring();
}

void Indexing::stop() {
  stopping_ = true;
  news_.ring();
  end_.ring();
}

Task<> Indexing::run() {
  while (!stopping_) {
    has_news_ = false;
    try {
      co_await catch_up();
    } catch (std::exception const& failure) {
      log::warn("indexing_failed", {{"cause", failure.what()}});
    }
    if (stopping_) break;
    co_await end_.wait(between_rounds);
    co_await news_.wait(between_looks);
  }
}

Task<> Indexing::catch_up() {
  co_await index_products();
  co_await learn_words();
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
    std::vector<std::vector<std::string>> unknown;
    for (auto const& [word, is_known] : words) {
      if (is_known) continue;
      if (auto spellings = spellings_of(word); !spellings.empty()) unknown.push_back(std::move(spellings));
    }
    if (!unknown.empty()) {
      co_await words_.learn(std::move(unknown));
      found_anew_();
    }
    co_await end_.wait(between_steps);
  }
}

}  // namespace balcao::products
