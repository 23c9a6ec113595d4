#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "calls.hpp"
#include "parsed_request.hpp"
#include "platform/crypto/hash.hpp"

namespace balcao::http {
namespace {

std::string text_of(json::Object const& object, std::string_view name) {
  auto const* member = object.if_contains(name);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

// Where we read on although llhttp has stopped, on purpose.
constexpr std::array<std::string_view, 4> deliberate = {
    "Pause on CONNECT/Upgrade",        // we take no upgrade, so the request is an ordinary one
    "Data after `Connection: close`",  // the connection does not read on; the parser alone would
    "Invalid method",                  // an unknown method is answered with 405
    "Expected space after method",     // the same
};

bool is_deliberate(std::string const& reason) {
  return std::ranges::any_of(deliberate, [&](auto known) { return reason.find(known) != reason.npos; });
}

// The strict cases of llhttp's own test suite. Most that it takes and we refuse lack the Host that we want (its cases
// are older than HTTP/1.1), give an absolute target, or name a transfer encoding before chunked.
TEST(LlhttpCases, TakesNoMessageThatLlhttpRefuses) {
  auto const file = std::filesystem::path(BALCAO_SOURCE_DIR) / "../shared/vectors/http/llhttp_request_cases.json";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "there is no " << file.lexically_normal();
  std::stringstream bytes;
  bytes << std::ifstream(file).rdbuf();
  auto const document = json::parse(bytes.str()).value();
  int cases = 0;
  int agreed = 0;
  int stricter = 0;
  int on_purpose = 0;
  for (auto const& entry : document.at("cases").as_array()) {
    auto const& one = entry.as_object();
    if (text_of(one, "type") != "request") continue;
    auto const raw = text_of(one, one.contains("raw_with_host_b64") ? "raw_with_host_b64" : "raw_b64");
    auto const outcomes = test::read_all(crypto::from_base64(raw).value());
    bool const refused = !outcomes.empty() && outcomes.back().refused != 0;
    auto const taken = static_cast<std::int64_t>(outcomes.size()) - refused;
    auto const reason = text_of(one, "llhttp_error");
    ++cases;
    if (reason.empty()) {
      ++(refused ? stricter : agreed);
    } else if (taken <= one.at("messages_completed").as_int64()) {
      ++agreed;
    } else {
      ++on_purpose;
      EXPECT_TRUE(is_deliberate(reason)) << text_of(one, "file") << ':' << one.at("line") << ' '
                                         << text_of(one, "title");
    }
  }
  EXPECT_GT(cases, 0);
  std::cout << "llhttp cases: " << agreed << " of " << cases << " judged the same, " << stricter
            << " refused by us only, " << on_purpose << " taken by us only, on purpose\n";
}

}  // namespace
}  // namespace balcao::http
