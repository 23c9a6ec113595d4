#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "platform/http/endpoint.hpp"

namespace balcao::http {

/// The whole bytes of answers to public reads, each with its ETag, until a write makes them old. Every event loop keeps
/// its own, so that a look-up takes no lock; one number that writes raise tells all of them. Bounded.
class ResponseCache {
 public:
  ResponseCache(std::size_t loops, std::size_t max_bytes_per_loop = 16 * 1024 * 1024);
  ~ResponseCache();

  /// Makes everything kept so far old. Called after a write has been committed and before it is acknowledged; from any
  /// thread.
  void invalidate() { ++generation_; }

  /// Puts the cache in front of a GET endpoint without a path parameter that answers anyone the same.
  Endpoint in_front_of(Endpoint endpoint);

 private:
  struct Shelf;

  StoredResponse const* find(Request const& request) const;
  void keep(Request const& request, Response const& response, std::uint64_t generation);
  Task<Response> fetch(std::function<Task<Response>(Exchange&)> const& answer, Exchange& exchange);

  std::size_t const max_bytes_;
  std::atomic<std::uint64_t> generation_ = 1;
  std::vector<std::unique_ptr<Shelf>> shelves_;
};

/// A strong entity tag for these bytes.
std::string etag_of(std::string_view bytes);

}  // namespace balcao::http
