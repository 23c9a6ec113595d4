#include "platform/http/paging.hpp"

namespace balcao::http {

std::string next_link(Target const& target, std::string_view cursor) {
  std::string link = '<' + target.path + '?';
  std::string_view query = target.query;
  while (!query.empty()) {
    auto const ampersand = query.find('&');
    auto const pair = query.substr(0, ampersand);
    query = ampersand == query.npos ? std::string_view{} : query.substr(ampersand + 1);
    if (pair.empty() || pair.starts_with("cursor=")) continue;
    link += pair;
    link += '&';
  }
  return link + "cursor=" + std::string(cursor) + ">; rel=\"next\"";
}

}  // namespace balcao::http
