#include "platform/crypto/qr_code.hpp"

#include <qrencode.h>

#include <memory>
#include <stdexcept>

namespace balcao::crypto {
namespace {

constexpr int quiet_zone = 4;
constexpr int any_version = 0;

struct Free {
  void operator()(QRcode* code) const { QRcode_free(code); }
};

/// Each run of dark modules as a rectangle one module high.
std::string path_of(QRcode const& code) {
  std::string path;
  for (int y = 0; y < code.width; ++y) {
    unsigned char const* const row = code.data + y * code.width;
    auto const is_dark = [row](int x) { return (row[x] & 1) != 0; };
    for (int x = 0; x < code.width; ++x) {
      if (!is_dark(x)) continue;
      int const start = x;
      while (x < code.width && is_dark(x)) ++x;
      auto const length = std::to_string(x - start);
      path.append("M").append(std::to_string(start + quiet_zone)).append(" ").append(std::to_string(y + quiet_zone));
      path.append("h").append(length).append("v1h-").append(length).append("z");
    }
  }
  return path;
}

}  // namespace

std::string qr_code_svg(std::string_view text) {
  auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
  std::unique_ptr<QRcode, Free> const code(
      QRcode_encodeData(static_cast<int>(text.size()), bytes, any_version, QR_ECLEVEL_M));
  if (!code) throw std::invalid_argument("crypto: no QR code holds this text");
  auto const size = std::to_string(code->width + 2 * quiet_zone);
  return R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )" + size + ' ' + size + R"("><path d=")" +
         path_of(*code) + R"("/></svg>)";
}

}  // namespace balcao::crypto
