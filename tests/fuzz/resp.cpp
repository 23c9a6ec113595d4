// Redis's protocol: whatever comes, it is read within the limits or refused, and how it is cut changes nothing.
#include "platform/shared/redis/resp.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

using namespace balcao::shared::redis;

constexpr ReplyLimits limits{.bytes = 4096, .items = 64, .depth = 4};

struct Outcome {
  std::vector<Reply> replies;
  bool refused = false;
};

Outcome parse(std::string_view bytes, std::size_t step) {
  ReplyParser parser(limits);
  Outcome outcome;
  try {
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      parser.feed(bytes.substr(at, step));
      while (auto reply = parser.next()) outcome.replies.push_back(std::move(*reply));
    }
  } catch (ProtocolError const&) {
    outcome.refused = true;
  }
  return outcome;
}

std::size_t depth_of(Reply const& reply) {
  std::size_t deepest = 0;
  for (auto const& item : reply.items) deepest = std::max(deepest, depth_of(item));
  return deepest + (reply.items.empty() ? 0 : 1);
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const bytes(reinterpret_cast<char const*>(data), size);
  auto const whole = parse(bytes, std::max<std::size_t>(1, size));
  auto const in_bytes = parse(bytes, 1);
  require(whole.replies == in_bytes.replies && whole.refused == in_bytes.refused);
  for (auto const& reply : whole.replies) require(depth_of(reply) <= limits.depth);
  return 0;
}
