#include "auth/accounts/registrations.hpp"

namespace balcao::auth {

Task<User> Registrations::register_user(Username username, NewPassword password, Origin origin) {
  auto const counted = co_await count(origin);
  std::optional<Problem> refused;
  try {
    co_return co_await accounts_.register_user(std::move(username), std::move(password), Role::user, std::move(origin));
  } catch (Problem const& problem) {
    refused = problem;
  }
  // A password against the rules, or no worker free: nothing was hashed.
  bool const was_hashed = &refused->type() == &problems::username_taken;
  if (!was_hashed) co_await take_back(counted);
  throw *std::move(refused);
}

Task<NetworkCount> Registrations::count(Origin origin) {
  auto counted = co_await count_networks(shared_, "register:address:", origin.address,
                                         settings_.registrations_per_address, registration_window, clock_.now());
  if (!counted.own_exceeded && !counted.wider_exceeded) co_return counted;
  throw over_quota({"Too many users were registered from this address. Try again later.",
                    "Muitos cadastros feitos a partir deste endereço. Tente mais tarde."},
                   counted.quota);
}

Task<> Registrations::take_back(NetworkCount counted) {
  for (auto const& key : counted.keys) co_await shared_.count(key, -1, registration_window);
}

}  // namespace balcao::auth
