#include "platform/http/stored_responses.hpp"

#include <utility>

namespace balcao::http {
namespace {

constexpr std::size_t allocation = 16;  ///< what the allocator adds to each block

/// Nodes of the list and the table, and the share of the table's buckets.
constexpr std::size_t fixed_bytes = sizeof(StoredResponses::Entry) + 2 * sizeof(void*) + allocation +
                                    sizeof(std::pair<std::string_view, void*>) + 2 * sizeof(void*) + allocation +
                                    2 * sizeof(void*);

std::size_t heap_bytes(std::string const& text) { return text.capacity() + 1 + allocation; }

}  // namespace

std::size_t StoredResponses::bytes_of(std::string const& target, StoredResponse const& response) {
  return fixed_bytes + heap_bytes(target) + heap_bytes(response.head) + heap_bytes(response.body) +
         heap_bytes(response.etag) + heap_bytes(response.not_modified_head);
}

StoredResponses::Entry const* StoredResponses::find(std::string_view target) {
  auto const found = by_target_.find(target);
  if (found == by_target_.end()) return nullptr;
  if (found->second != entries_.begin()) entries_.splice(entries_.begin(), entries_, found->second);
  return &*found->second;
}

void StoredResponses::put(std::string target, StoredResponse response, Reading reading) {
  erase(std::string_view(target));
  target.shrink_to_fit();
  response.body.shrink_to_fit();  // a serializer leaves up to as much again unused
  auto const bytes = bytes_of(target, response);
  if (bytes > max_bytes_ / 2) return;
  while (bytes_ + bytes > max_bytes_) erase(std::prev(entries_.end()));
  entries_.push_front({std::move(target), std::move(response), reading, bytes});
  by_target_.emplace(entries_.front().target, entries_.begin());
  bytes_ += bytes;
}

void StoredResponses::erase(std::string_view target) {
  if (auto const found = by_target_.find(target); found != by_target_.end()) erase(found->second);
}

void StoredResponses::erase(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  by_target_.erase(entry->target);
  entries_.erase(entry);
}

}  // namespace balcao::http
