#include "auth/login/attempts.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "platform/crypto/hash.hpp"

namespace balcao::auth {
namespace {

/// A process that counts alone takes a quarter of the limit for itself: what the others count it does not see.
std::int64_t limit_for(shared::Count const& count, std::int64_t limit) {
  constexpr std::int64_t processes = 4;
  return count.local ? std::max<std::int64_t>(1, limit / processes) : limit;
}

Attempt::Quota quota(std::string_view name, shared::Count const& count, std::int64_t limit, Time now) {
  auto const most = limit_for(count, limit);
  auto const wait = std::chrono::ceil<std::chrono::seconds>(count.window_end - now).count();
  return {name, most, std::max<std::int64_t>(0, most - count.value), std::max<std::int64_t>(1, wait)};
}

std::string item(Attempt::Quota const& quota, std::string_view parameters) {
  return '"' + std::string(quota.name) + '"' + std::string(parameters);
}

}  // namespace

std::string address_group(std::string_view address) {
  constexpr std::size_t network_bytes = 8;
  std::string const text(address.substr(0, address.find('%')));
  std::array<char, 16> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::string(address);
  return crypto::to_hex({bytes.data(), network_bytes}) + "/64";
}

std::string device_hash(Origin const& origin) {
  return crypto::sha256(address_group(origin.address) + '\n' + origin.user_agent);
}

Task<Attempt> Attempts::count(std::string account, Origin origin) {
  auto const now = clock_.now();
  auto const window = settings_.attempt_window;
  Attempt attempt;
  attempt.window = window;
  attempt.address_key = "login:address:" + address_group(origin.address);
  // The address first: one that is over its limit must not fill the counters' bounded memory with made-up names.
  auto const by_address = co_await shared_.count(attempt.address_key, 1, window);
  attempt.address = quota("address", by_address, settings_.attempts_per_address, now);
  attempt.account = attempt.address;
  if (by_address.value > attempt.address.limit) throw too_many_attempts(attempt);
  if (account.empty()) co_return attempt;

  attempt.account_key = "login:account:" + account;
  attempt.device_key = "login:device:" + crypto::to_base64url(device_hash(origin)) + ':' + account;
  auto const by_device = co_await shared_.count(attempt.device_key, 1, window);
  auto const by_account = co_await shared_.count(attempt.account_key, 1, window);
  attempt.account = quota("account", by_account, settings_.attempts_per_account, now);
  attempt.account_locked = by_account.value > attempt.account.limit;
  attempt.first_locked = by_account.value == attempt.account.limit + 1;
  attempt.device_locked = by_device.value > limit_for(by_device, settings_.attempts_per_account);
  co_return attempt;
}

Task<> Attempts::take_back(Attempt attempt) {
  for (auto const& key : {attempt.address_key, attempt.device_key, attempt.account_key}) {
    if (!key.empty()) co_await shared_.count(key, -1, settings_.attempt_window);
  }
}

Problem with_rate_limit(Problem problem, Attempt const& attempt) {
  std::string policy;
  std::string state;
  auto const add = [&](Attempt::Quota const& quota, std::chrono::seconds window) {
    policy += (policy.empty() ? "" : ", ") +
              item(quota, ";q=" + std::to_string(quota.limit) + ";w=" + std::to_string(window.count()));
    state += (state.empty() ? "" : ", ") +
             item(quota, ";r=" + std::to_string(quota.remaining) + ";t=" + std::to_string(quota.resets_in));
  };
  if (!attempt.account_key.empty()) add(attempt.account, attempt.window);
  add(attempt.address, attempt.window);
  return std::move(problem)
      .with_header("RateLimit-Policy", std::move(policy))
      .with_header("RateLimit", std::move(state));
}

Problem too_many_attempts(Attempt const& attempt) {
  auto const wait =
      attempt.account_locked || attempt.device_locked ? attempt.account.resets_in : attempt.address.resets_in;
  Problem problem(balcao::problems::too_many_requests,
                  {"Too many failed attempts. Try again later.", "Muitas tentativas falharam. Tente mais tarde."});
  return with_rate_limit(std::move(problem).with_header("Retry-After", std::to_string(wait)), attempt);
}

}  // namespace balcao::auth
