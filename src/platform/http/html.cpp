#include "platform/http/html.hpp"

namespace balcao::http {

std::string escape_html(std::string_view text) {
  std::string escaped;
  for (char const c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

void fill(std::string& page, std::string_view place, std::string_view text) {
  for (auto at = page.find(place); at != page.npos; at = page.find(place, at + text.size())) {
    page.replace(at, place.size(), text);
  }
}

}  // namespace balcao::http
