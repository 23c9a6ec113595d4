#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "platform/http/message.hpp"

namespace balcao::http {

/// Responses by request target, within a number of bytes: the one that was used least recently gives way. Everything
/// that an entry holds is counted, its nodes and strings included. For one thread.
class StoredResponses {
 public:
  /// What was so before a response was read.
  struct Reading {
    std::size_t slot = 0;
    std::uint64_t changes = 0;
    std::uint64_t renewals = 0;
    std::chrono::steady_clock::time_point began{};
  };
  struct Entry {
    std::string target;
    StoredResponse response;
    Reading reading;
    std::size_t bytes = 0;
  };

  /// Never holds more than `max_bytes`.
  explicit StoredResponses(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Null where there is none. It becomes the most recently used one, and lives until the next `put` or `erase`.
  Entry const* find(std::string_view target);

  /// Replaces what is kept for the target, and makes room. An entry larger than half of all room is not kept.
  void put(std::string target, StoredResponse response, Reading reading);

  void erase(std::string_view target);

  /// The one that was used least recently; null where there is none.
  Entry const* oldest() const { return entries_.empty() ? nullptr : &entries_.back(); }

  std::size_t bytes() const { return bytes_; }
  std::size_t size() const { return entries_.size(); }

  /// What an entry of these costs in memory.
  static std::size_t bytes_of(std::string const& target, StoredResponse const& response);

 private:
  using Entries = std::list<Entry>;

  void erase(Entries::iterator entry);

  std::size_t const max_bytes_;
  Entries entries_;                                                    ///< the most recently used first
  std::unordered_map<std::string_view, Entries::iterator> by_target_;  ///< the keys are the entries' own targets
  std::size_t bytes_ = 0;
};

}  // namespace balcao::http
