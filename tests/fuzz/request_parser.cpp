// The same bytes, whole and in pieces, must be read as the same requests: the first byte of the input says how they are
// cut.
#include <cstdint>
#include <cstdlib>

#include "../unit/platform/http/parsed_request.hpp"

namespace http = balcao::http;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size == 0) return 0;
  http::Limits limits;
  limits.header_bytes = 512;
  limits.target_bytes = 128;
  limits.body_bytes = 256;
  std::string_view const bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
  auto const whole = http::test::read_all(bytes, limits);
  auto const pieces = http::test::read_in_pieces(bytes, 1U + data[0] % 16U, limits);

  // What is taken must be the same. What is refused by one may leave the other waiting for more: a quotation mark that
  // is never closed is known for a fault only with enough bytes behind it.
  auto const taken = [](auto const& outcomes) {
    return outcomes.size() - (!outcomes.empty() && outcomes.back().refused != 0 ? 1 : 0);
  };
  if (taken(whole) != taken(pieces)) std::abort();
  for (std::size_t i = 0; i < taken(whole); ++i) {
    if (whole[i] != pieces[i]) std::abort();
  }
  return 0;
}
