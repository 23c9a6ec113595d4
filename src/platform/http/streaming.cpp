#include "platform/http/streaming.hpp"

namespace balcao::http::detail {
namespace {

/// Whether Content-Type names no character set, or the one that is taken.
bool is_utf8_text(std::string_view content_type) {
  auto const at = content_type.find("charset=");
  if (at == content_type.npos) return true;
  auto name = content_type.substr(at + std::string_view("charset=").size());
  if (name.starts_with('"')) name.remove_prefix(1);
  name = name.substr(0, name.find_first_of("\"; "));
  return equal_ignoring_case(name, "utf-8") || equal_ignoring_case(name, "us-ascii");
}

}  // namespace

std::optional<std::string_view> media_type_among(Exchange& exchange, std::span<std::string_view const> known) {
  auto const type = media_type(exchange.request);
  for (auto const each : known) {
    if (!equal_ignoring_case(type, each)) continue;
    if (is_utf8_text(*exchange.request.header("Content-Type"))) return each;
    exchange.refuse(
        Problem(problems::unsupported_media_type, {"The text must be in UTF-8.", "O texto deve estar em UTF-8."}));
    return std::nullopt;
  }
  std::string all;
  for (auto const each : known) all += (all.empty() ? "" : ", ") + std::string(each);
  exchange.refuse(
      Problem(problems::unsupported_media_type, {"Send one of these, and say which in Content-Type: " + all + '.',
                                                 "Envie um destes, e diga qual no Content-Type: " + all + '.'})
          .with_header("Accept", all));
  return std::nullopt;
}

json::Object stream_content(std::span<std::string_view const> types) {
  json::Object content;
  for (auto const type : types) content[type] = {{"schema", {{"type", "string"}}}};
  return content;
}

}  // namespace balcao::http::detail
