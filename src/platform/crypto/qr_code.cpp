#include "platform/crypto/qr_code.hpp"

#include <qrencode.h>

#include <cstdint>
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

std::unique_ptr<QRcode, Free> encode(std::string_view text) {
  auto const* const bytes = reinterpret_cast<unsigned char const*>(text.data());
  std::unique_ptr<QRcode, Free> code(
      QRcode_encodeData(static_cast<int>(text.size()), bytes, any_version, QR_ECLEVEL_M));
  if (!code) throw std::invalid_argument("crypto: no QR code holds this text");
  return code;
}

std::string big_endian(std::uint32_t number) {
  return {static_cast<char>(number >> 24), static_cast<char>(number >> 16 & 255), static_cast<char>(number >> 8 & 255),
          static_cast<char>(number & 255)};
}

/// A part of a PNG: its length, its name, its data, and the CRC-32 of the last two.
std::string chunk(std::string_view name, std::string const& data) {
  std::string const checked = std::string(name) + data;
  std::uint32_t crc = 0xffffffff;
  for (char const c : checked) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320U : 0U);
  }
  return big_endian(static_cast<std::uint32_t>(data.size())) + checked + big_endian(~crc);
}

/// A zlib stream (RFC 1950) of blocks that are stored as they are.
std::string stored(std::string_view data) {
  std::string stream = "\x78\x01";
  std::uint32_t a = 1;
  std::uint32_t b = 0;
  for (char const c : data) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  while (!data.empty()) {
    auto const block = data.substr(0, 65535);
    data.remove_prefix(block.size());
    stream += data.empty() ? '\x01' : '\0';
    for (auto const size : {block.size(), ~block.size()}) {
      stream += {static_cast<char>(size & 255), static_cast<char>(size >> 8 & 255)};
    }
    stream += block;
  }
  return stream + big_endian(b << 16 | a);
}

}  // namespace

std::string qr_code_svg(std::string_view text) {
  auto const code = encode(text);
  auto const size = std::to_string(code->width + 2 * quiet_zone);
  return R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 )" + size + ' ' + size + R"("><path d=")" +
         path_of(*code) + R"("/></svg>)";
}

/// With eight pixels a module and one bit a pixel, a module is one byte of a row.
std::string qr_code_png(std::string_view text) {
  auto const code = encode(text);
  auto const modules = code->width + 2 * quiet_zone;
  std::string pixels;
  for (int y = -quiet_zone; y < code->width + quiet_zone; ++y) {
    std::string row(1, '\0');  // no filter
    for (int x = -quiet_zone; x < code->width + quiet_zone; ++x) {
      bool const inside = x >= 0 && x < code->width && y >= 0 && y < code->width;
      row += inside && (code->data[y * code->width + x] & 1) != 0 ? '\0' : '\xff';
    }
    for (int line = 0; line < 8; ++line) pixels += row;
  }
  auto const side = big_endian(static_cast<std::uint32_t>(modules * 8));
  std::string const one_bit_gray{1, 0, 0, 0, 0};
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", side + side + one_bit_gray) + chunk("IDAT", stored(pixels)) +
         chunk("IEND", "");
}

}  // namespace balcao::crypto
