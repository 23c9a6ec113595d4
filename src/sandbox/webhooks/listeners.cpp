#include "sandbox/webhooks/listeners.hpp"

#include <algorithm>

namespace balcao::sandbox::webhooks {
namespace {

constexpr std::chrono::seconds time_kept{1};

Listener listener_of(Endpoint const& endpoint) {
  Listener listener{endpoint.id, std::string(endpoint.resource.at("url").as_string()), endpoint.secret,
                    std::vector<std::string>{}};
  for (auto const& type : endpoint.resource.at("enabled_events").as_array()) {
    listener.events.emplace_back(type.as_string());
  }
  return listener;
}

}  // namespace

bool Listener::hears(std::string_view type) const {
  return std::ranges::any_of(events, [type](auto const& wanted) { return wanted == "*" || wanted == type; });
}

bool somebody_hears(std::vector<Listener> const& listeners, std::string_view type) {
  return std::ranges::any_of(listeners, [type](auto const& listener) { return listener.hears(type); });
}

Task<Listeners::List> Listeners::current() {
  {
    std::lock_guard const lock(mutex_);
    if (list_ && std::chrono::steady_clock::now() - loaded_at_ < time_kept) co_return list_;
  }
  co_return co_await load();
}

Task<std::optional<Listener>> Listeners::find(std::string id) {
  for (bool const again : {false, true}) {
    auto const list = again ? co_await load() : co_await current();
    auto const found = std::ranges::find(*list, id, &Listener::id);
    if (found != list->end()) co_return *found;
  }
  co_return std::nullopt;
}

void Listeners::forget() {
  std::lock_guard const lock(mutex_);
  list_ = nullptr;
  ++changes_;
}

Task<Listeners::List> Listeners::load() {
  std::uint64_t changes_before = 0;
  {
    std::lock_guard const lock(mutex_);
    changes_before = changes_;
  }
  auto const began = std::chrono::steady_clock::now();
  auto list = std::make_shared<std::vector<Listener>>();
  if (own_) list->push_back(*own_);
  for (auto const& endpoint : co_await store_.all()) {
    if (endpoint.resource.at("status") == "enabled") list->push_back(listener_of(endpoint));
  }
  std::lock_guard const lock(mutex_);
  if (changes_ == changes_before) {  // otherwise what was read may be what has just been changed
    list_ = list;
    loaded_at_ = began;
  }
  co_return list;
}

}  // namespace balcao::sandbox::webhooks
