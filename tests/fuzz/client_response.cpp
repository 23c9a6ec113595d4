// The answer to a request of our client: whatever comes, it is read within its bounds or refused, and how it is cut
// changes nothing. The first byte of the input says how, and whether the connection ends.
#include "platform/http/response_reader.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

namespace http = balcao::http;

constexpr http::ResponseLimits limits{.header_bytes = 256,
                                      .header_fields = 8,
                                      .interim_responses = 4,
                                      .interim_bytes = 256,
                                      .body_bytes = 128,
                                      .chunks = {.line = 32, .trailer = 64, .framing = 256, .framing_per_byte = 2}};

void require(bool holds) {
  if (!holds) std::abort();
}

struct Reading {
  bool refused = false;
  bool complete = false;
  bool can_reuse = false;
  std::size_t taken = 0;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  bool operator==(Reading const&) const = default;
};

Reading read(std::string_view bytes, std::size_t step, http::Method method, bool end) {
  http::ResponseReader reader(method, limits);
  std::size_t taken = 0;
  while (taken < bytes.size() && reader.fault().empty() && !reader.is_complete()) {
    auto const piece = bytes.substr(taken, step);
    auto const used = reader.feed(piece);
    require(used <= piece.size());
    require(used == piece.size() || reader.is_complete() || !reader.fault().empty());
    taken += used;
  }
  require(taken <= limits.header_bytes + limits.interim_bytes + limits.chunks.framing +
                       (1 + limits.chunks.framing_per_byte) * limits.body_bytes);
  if (end) reader.end();
  Reading reading{
      .refused = !reader.fault().empty(), .complete = reader.is_complete(), .can_reuse = reader.can_reuse()};
  require(!(reading.refused && reading.complete) && !(reading.can_reuse && !reading.complete));
  if (!reading.complete) return reading;
  reading.taken = taken;
  auto response = reader.take();
  require(response.status >= 200 && response.body.size() <= limits.body_bytes);
  require(response.headers.size() <= limits.header_fields);
  reading.status = response.status;
  reading.headers = std::move(response.headers);
  reading.body = std::move(response.body);
  return reading;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view const bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
  bool const end = (data[0] & 0x80U) != 0;
  auto const method = (data[0] & 0x40U) != 0 ? http::Method::head : http::Method::get;
  auto const whole = read(bytes, std::max<std::size_t>(1, bytes.size()), method, end);
  require(read(bytes, 1, method, end) == whole);
  require(read(bytes, 2U + data[0] % 32U, method, end) == whole);
  return 0;
}
