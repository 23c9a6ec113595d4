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
#include "platform/http/stored_responses.hpp"

namespace balcao::http {

/// The whole bytes of answers to public reads, each with its ETag, until a write makes them old. Every event loop keeps
/// its own, so that a look-up takes no lock; numbers that writes raise tell all of them. Bounded in bytes: what has not
/// been asked for longest gives way. Bounded in age: news of a write can be lost with the process that made it, so no
/// answer is given longer than `max_age` after it was read.
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
    /// After which an answer is read again, though no write is known to have come.
    std::chrono::milliseconds max_age{3000};
  };
  static constexpr std::size_t max_target_bytes = 2048;      ///< a longer one is answered, but not kept
  static constexpr std::size_t max_reads_per_loop = 1024;    ///< that others may wait for; more go beside them
  static constexpr std::size_t max_waiters_per_read = 4096;  ///< more are refused: Problem unavailable
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
  struct LoopCache;
  struct PendingRead;
  using Reading = StoredResponses::Reading;

  static constexpr std::size_t slots = 4096;
  static std::size_t slot_of(std::string_view topic) { return std::hash<std::string_view>{}(topic) % slots; }

  Reading begin(std::string_view topic) const;
  bool is_good(Reading const& reading) const;
  bool is_young(Reading const& reading) const;
  StoredResponse const* find(Request const& request) const;
  void keep(Request const& request, Response response, Reading const& reading);
  Task<Response> read(Endpoint const& endpoint, Exchange& exchange, std::string topic);
  Task<Response> fetch(Endpoint const& endpoint, Exchange& exchange, Reading reading);

  Options const options_;
  std::array<std::atomic<std::uint64_t>, slots> changes_{};  ///< by topic
  std::atomic<std::uint64_t> renewals_ = 0;
  std::vector<std::unique_ptr<LoopCache>> loops_;
};

/// A strong entity tag for these bytes.
std::string etag_of(std::string_view bytes);

}  // namespace balcao::http
