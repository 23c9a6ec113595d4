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

bool Entrance::reads_stream(http::Method method, std::string_view path) const {
  auto const* behind = behind_.load();
  return behind != nullptr && behind->reads_stream(method, path);
}

Task<http::Response> Entrance::handle(http::Request const& request) {
  if (auto* behind = behind_.load()) co_return co_await behind->handle(request);
  auto response = co_await about_itself_.handle(request);
  if (response.status != 404) co_return response;
  for (auto const end = std::chrono::steady_clock::now() + patience; std::chrono::steady_clock::now() < end;) {
    co_await pause(between_looks);
    if (auto* behind = behind_.load()) co_return co_await behind->handle(request);
  }
  co_return http::problem_response(starting(), request);
}

}  // namespace balcao::app
