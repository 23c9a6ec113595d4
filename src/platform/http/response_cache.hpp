#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/http/endpoint.hpp"

namespace balcao::http {

/// The whole bytes of answers to public reads, each with its ETag, until a write makes them old. Every event loop keeps
/// its own, so that a look-up takes no lock; numbers that writes raise tell all of them. Bounded: what has not been
/// asked for longest gives way.
///
/// An answer has a topic, which is what a write names: it makes the answers under that topic old and no others (but for
/// a few that share its number by chance).
class ResponseCache {
 public:
  struct Options {
    std::size_t loops = 1;
    std::size_t max_bytes_per_loop = 16 * 1024 * 1024;
    /// Whether every write that another process has acknowledged would be known by now; while it is not, an answer is
    /// kept for a second only. Called on any loop.
    std::function<bool()> is_current = [] { return true; };
  };
  /// The topic of a request's answer; nothing for one that is not to be kept.
  using TopicOf = std::function<std::optional<std::string>(Request const&)>;

  explicit ResponseCache(Options options);
  ~ResponseCache();

  /// Makes what is kept under a topic old. Called after a write has been committed and before it is acknowledged; from
  /// any thread.
  void invalidate(std::string_view topic) { ++changes_[slot_of(topic)]; }
  /// The same for everything.
  void invalidate() { ++renewals_; }

  /// Puts the cache in front of a GET endpoint that answers everyone the same, or, where it is for visitors, everyone
  /// who shows no token. Where several miss the same answer on a loop at once, one of them reads it for all.
  Endpoint in_front_of(Endpoint endpoint, TopicOf topic_of);

 private:
  struct Shelf;
  struct Flight;
  /// What was so before an answer was read.
  struct Reading {
    std::size_t slot;
    std::uint64_t changes;
    std::uint64_t renewals;
    std::chrono::steady_clock::time_point began;
  };

  static constexpr std::size_t slots = 4096;
  static std::size_t slot_of(std::string_view topic) { return std::hash<std::string_view>{}(topic) % slots; }

  Reading begin(std::string_view topic) const;
  bool is_good(Reading const& reading) const;
  StoredResponse const* find(Request const& request) const;
  void keep(Request const& request, Response response, Reading const& reading);
  Task<Response> read(Endpoint const& endpoint, Exchange& exchange, std::string topic);
  Task<Response> fetch(Endpoint const& endpoint, Exchange& exchange, Flight& flight);

  Options const options_;
  std::array<std::atomic<std::uint64_t>, slots> changes_{};  ///< by topic
  std::atomic<std::uint64_t> renewals_ = 0;
  std::vector<std::unique_ptr<Shelf>> shelves_;
};

/// A strong entity tag for these bytes.
std::string etag_of(std::string_view bytes);

}  // namespace balcao::http
