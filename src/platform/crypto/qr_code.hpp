#pragma once

#include <string>
#include <string_view>

namespace balcao::crypto {

/// A QR code (ISO/IEC 18004) of the text's bytes, as an SVG document of one path: error correction M, which bears the
/// loss of 15 %, and the quiet zone of four modules that readers need. Only the dark modules are drawn, in black: show
/// it on something light. Throws std::invalid_argument for no text and for more than a code holds (2331 bytes). Safe
/// from any thread.
std::string qr_code_svg(std::string_view text);

/// The same as a PNG (ISO/IEC 15948), black on white, eight pixels a module.
std::string qr_code_png(std::string_view text);

}  // namespace balcao::crypto
