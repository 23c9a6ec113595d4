#include "products/catalog/changes.hpp"

#include <algorithm>
#include <ranges>

#include "platform/crypto/random.hpp"

namespace balcao::products {
namespace {

constexpr std::string_view channel = "catalog-changed";
constexpr std::chrono::milliseconds between_attempts{100};
/// So many topics are named in a message; where it would be more, it names none, and everything is old.
constexpr std::size_t most_named = 500;

}  // namespace

Changes::Changes(shared::SharedState& shared, http::ResponseCache& pages)
    : shared_(shared),
      pages_(pages),
      process_(crypto::random_token(8)),
      subscription_(shared.subscribe(
          std::string(channel), [this](std::string_view message) { hear(message); }, [this] { pages_.invalidate(); })) {
}

void Changes::note(std::span<Id<Product> const> changed) {
  std::set<std::string> topics{std::string(lists)};
  for (auto const id : changed) topics.insert(id.str());
  for (auto const& topic : topics) pages_.invalidate(topic);
  bool first = false;
  {
    std::scoped_lock const lock(mutex_);
    first = untold_.empty();
    if (!untold_.too_many) untold_.topics.merge(topics);
    if (untold_.topics.size() > most_named) untold_ = {{}, true};
  }
  if (first) wake_up_.ring();
}

Changes::News Changes::take_news() {
  std::scoped_lock const lock(mutex_);
  return std::exchange(untold_, {});
}

void Changes::put_back(News news) {
  std::scoped_lock const lock(mutex_);
  untold_.topics.merge(news.topics);
  if (news.too_many || untold_.topics.size() > most_named) untold_ = {{}, true};
}

/// A message is the process that sends it and, behind spaces, the topics that have changed.
void Changes::hear(std::string_view message) {
  auto words =
      std::views::split(message, ' ') | std::views::transform([](auto word) { return std::string_view(word); });
  if (words.front() == process_) return;
  auto changed = words | std::views::drop(1);
  if (changed.empty()) {
    pages_.invalidate();
    return;
  }
  std::ranges::for_each(changed, [this](std::string_view topic) { pages_.invalidate(topic); });
}

void Changes::stop() {
  stopping_ = true;
  wake_up_.ring();
}

Task<> Changes::spread() {
  bool failed = false;
  while (!stopping_) {
    co_await wake_up_.wait(failed ? between_attempts : std::chrono::minutes(1));
    auto news = take_news();
    if (news.empty()) continue;
    std::string message = process_;
    for (auto const& topic : news.topics) message += ' ' + topic;
    failed = false;
    try {
      co_await shared_.publish(std::string(channel), std::move(message));
    } catch (Problem const&) {
      failed = true;
    }
    if (failed) put_back(std::move(news));
  }
}

}  // namespace balcao::products
