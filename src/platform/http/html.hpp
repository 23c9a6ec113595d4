#pragma once

#include <string>
#include <string_view>

namespace balcao::http {

/// The text as it may stand in HTML, between tags and in a quoted attribute.
std::string escape_html(std::string_view text);

/// Puts `text`, as it is, wherever the page says `place`: `{{title}}`.
void fill(std::string& page, std::string_view place, std::string_view text);

}  // namespace balcao::http
