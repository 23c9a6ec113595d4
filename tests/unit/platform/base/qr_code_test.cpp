#include "platform/crypto/qr_code.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace balcao::crypto {
namespace {

TEST(QrCode, IsAnSvgPictureWithAQuietZone) {
  auto const svg = qr_code_svg("balcao");
  // Version 1 has 21 modules a side; its upper left corner is a finder pattern seven modules wide.
  EXPECT_TRUE(svg.starts_with(R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><path d="M4 4h7v1h-7z)"))
      << svg;
  EXPECT_TRUE(svg.ends_with(R"(z"/></svg>)")) << svg;
  EXPECT_TRUE(svg.contains("M18 4h7v1h-7z")) << "the upper right finder pattern";
  EXPECT_TRUE(svg.contains("M4 24h7v1h-7z")) << "the lower left one";
}

TEST(QrCode, GrowsWithTheText) {
  EXPECT_NE(qr_code_svg("one"), qr_code_svg("two"));
  EXPECT_NE(qr_code_svg(std::string_view("a\0b", 3)), qr_code_svg(std::string_view("a\0c", 3)));
  EXPECT_TRUE(qr_code_svg(std::string(2331, 'x')).contains("0 0 185 185")) << "version 40";
}

/// What it shows is read by another program in tests/api/sandbox_checkout.test.mjs.
TEST(QrCode, IsAPictureToo) {
  auto const png = qr_code_png("balcao");
  EXPECT_TRUE(png.starts_with("\x89PNG\r\n\x1a\n"));
  EXPECT_EQ(png.substr(16, 8), std::string("\0\0\0\xe8\0\0\0\xe8", 8)) << "29 modules of eight pixels";
  EXPECT_TRUE(png.ends_with(std::string("\0\0\0\0IEND\xae\x42\x60\x82", 12)));
  EXPECT_THROW(qr_code_png(""), std::invalid_argument);
  EXPECT_GT(qr_code_png(std::string(2331, 'x')).size(), 65'535u) << "more than one block";
}

TEST(QrCode, HoldsNeitherNothingNorEverything) {
  EXPECT_THROW(qr_code_svg(""), std::invalid_argument);
  EXPECT_THROW(qr_code_svg(std::string(2332, 'x')), std::invalid_argument);
}

}  // namespace
}  // namespace balcao::crypto
