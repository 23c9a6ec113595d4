#pragma once

#include <algorithm>
#include <string_view>

namespace balcao::sandbox {

/// Whether it is an http or https address in printable ASCII that a customer can be sent to.
inline bool is_web_address(std::string_view url) {
  auto const host = url.find("://") + 3;
  bool const has_scheme = url.starts_with("http://") || url.starts_with("https://");
  return has_scheme && url.size() > host && url[host] != '/' &&
         std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '<' && c != '>'; });
}

}  // namespace balcao::sandbox
