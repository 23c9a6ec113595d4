// A chunked body, decoded whole and in pieces, must be the same; and what is written in chunks, however these are cut,
// must be read back. The first byte of the input says how things are cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "platform/http/chunk_decoder.hpp"

namespace {

namespace http = balcao::http;

constexpr http::ChunkLimits limits{.body = 256, .line = 48, .trailer = 64, .framing = 512, .framing_per_byte = 8};

void require(bool holds) {
  if (!holds) std::abort();
}

struct Decoding {
  bool refused = false;
  bool done = false;
  std::size_t taken = 0;
  std::string body;
  bool operator==(Decoding const&) const = default;
};

Decoding decode(std::string_view bytes, std::size_t step, http::ChunkLimits const& bounds) {
  http::ChunkDecoder decoder(bounds);
  Decoding decoding;
  while (decoding.taken < bytes.size() && decoder.fault().empty() && !decoder.is_done()) {
    auto const piece = bytes.substr(decoding.taken, step);
    auto const used = decoder.feed(piece, decoding.body);
    require(used == piece.size() || decoder.is_done() || !decoder.fault().empty());
    decoding.taken += used;
  }
  require(decoding.body.size() <= bounds.body);
  require(decoding.taken <= bounds.framing + (1 + bounds.framing_per_byte) * decoding.body.size());
  decoding.refused = !decoder.fault().empty();
  decoding.done = decoder.is_done();
  return decoding;
}

std::string encode(std::string_view body, std::size_t step) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string chunks;
  for (std::size_t at = 0; at < body.size(); at += step) {
    auto const part = body.substr(at, step);
    if (part.size() > 15) chunks += digits[part.size() / 16];
    chunks += digits[part.size() % 16];
    chunks += "; a=\"b\"\r\n";
    chunks += part;
    chunks += "\r\n";
  }
  return chunks + "0\r\nA: b\r\n\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  std::size_t const step = 1U + data[0] % 64U;
  std::string_view const bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
  auto const whole = decode(bytes, std::max<std::size_t>(1, bytes.size()), limits);
  require(decode(bytes, 1, limits) == whole && decode(bytes, step, limits) == whole);

  http::ChunkLimits const wide{.body = bytes.size(), .framing_per_byte = 16};
  auto const chunks = encode(bytes, step);
  auto const back = decode(chunks, 7, wide);
  require(back.done && back.body == bytes && back.taken == chunks.size());
  return 0;
}
