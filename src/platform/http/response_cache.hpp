#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "platform/http/endpoint.hpp"

namespace balcao::http {

/// The whole bytes of answers to public reads, each with its ETag, until a write makes them old. Every event loop keeps
/// its own, so that a look-up takes no lock; one number that writes raise tells all of them. Bounded.
class ResponseCache {
 public:
  struct Options {
    std::size_t loops = 1;
    std::size_t max_bytes_per_loop = 16 * 1024 * 1024;
    /// Whether every write that another process has acknowledged would be known by now; while it is not, an answer is
    /// kept for a second only. Called on any loop.
    std::function<bool()> is_current = [] { return true; };
  };

  explicit ResponseCache(Options options);
  ~ResponseCache();

  /// Makes everything kept so far old. Called after a write has been committed and before it is acknowledged; from any
  /// thread.
  void invalidate() { ++generation_; }

  /// Puts the cache in front of a GET endpoint without a path parameter that answers anyone the same.
  Endpoint in_front_of(Endpoint endpoint);

 private:
  struct Shelf;
  /// What was so before an answer was read.
  struct Reading {
    std::uint64_t generation;
    std::chrono::steady_clock::time_point began;
  };

  StoredResponse const* find(Request const& request) const;
  void keep(Request const& request, Response const& response, Reading const& reading);
  Task<Response> fetch(std::function<Task<Response>(Exchange&)> const& answer, Exchange& exchange);

  Options const options_;
  std::atomic<std::uint64_t> generation_ = 1;
  std::vector<std::unique_ptr<Shelf>> shelves_;
};

/// A strong entity tag for these bytes.
std::string etag_of(std::string_view bytes);

}  // namespace balcao::http
