#include "access/scopes.hpp"

namespace balcao::access::scopes {

bool contains(std::string_view granted, std::string_view wanted) {
  while (!granted.empty()) {
    auto const space = granted.find(' ');
    auto const name = granted.substr(0, space);
    if (!name.empty() && name == wanted) return true;
    granted = space == granted.npos ? std::string_view{} : granted.substr(space + 1);
  }
  return false;
}

}  // namespace balcao::access::scopes
