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

  // In pieces, a fault may be met that lies behind the end of what is complete, or before a limit is known to be
  // broken: what is taken must be the same, and nothing may be taken from one that the other refuses.
  auto const taken = [](auto const& outcomes) {
    return outcomes.size() - (!outcomes.empty() && outcomes.back().refused != 0 ? 1 : 0);
  };
  if (taken(whole) != taken(pieces)) std::abort();
  for (std::size_t i = 0; i < taken(whole); ++i) {
    if (whole[i] != pieces[i]) std::abort();
  }
  bool const whole_refused = whole.size() > taken(whole);
  bool const pieces_refused = pieces.size() > taken(pieces);
  if (whole_refused != pieces_refused) std::abort();
  return 0;
}
