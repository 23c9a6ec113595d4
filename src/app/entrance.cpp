#include "app/entrance.hpp"

#include "platform/runtime/loops.hpp"

namespace balcao::app {
namespace {

constexpr std::chrono::milliseconds patience{2000};
constexpr std::chrono::milliseconds between_looks{20};

Problem starting() { return overloaded("It is starting. Try again in a moment.", "Está iniciando. Tente de novo."); }

}  // namespace

Task<std::expected<http::Caller, Problem>> Entrance::NoGuard::admit(http::Request const&, http::Access) {
  co_return std::unexpected(starting());
}

Entrance::Entrance(System& system) : about_itself_(endpoints(system), guard_) {}

http::StoredResponse const* Entrance::answer_at_once(http::Request const& request) {
  if (auto* behind = behind_.load()) return behind->answer_at_once(request);
  return nullptr;
}

Task<http::Handler*> Entrance::wait_until_open() {
  auto const end = std::chrono::steady_clock::now() + patience;
  while (!behind_.load() && std::chrono::steady_clock::now() < end) co_await pause(between_looks);
  co_return behind_.load();
}

Task<std::expected<http::BodyPolicy, http::Response>> Entrance::expect(http::Request& head) {
  if (auto* behind = behind_.load()) co_return co_await behind->expect(head);
  auto expected = co_await about_itself_.expect(head);
  if (expected || expected.error().status != 404) co_return expected;
  if (auto* behind = co_await wait_until_open()) co_return co_await behind->expect(head);
  co_return std::unexpected(http::problem_response(starting(), head));
}

Task<http::Response> Entrance::handle(http::Request const& request) {
  if (auto* behind = behind_.load()) co_return co_await behind->handle(request);
  auto response = co_await about_itself_.handle(request);
  if (response.status != 404) co_return response;
  if (auto* behind = co_await wait_until_open()) co_return co_await behind->handle(request);
  co_return http::problem_response(starting(), request);
}

}  // namespace balcao::app
