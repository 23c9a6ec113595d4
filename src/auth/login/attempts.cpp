#include "auth/login/attempts.hpp"

#include "platform/crypto/hash.hpp"

namespace balcao::auth {

std::string device_hash(Origin const& origin) {
  return crypto::sha256(address_group(origin.address) + '\n' + origin.user_agent);
}

Task<Attempt> Attempts::count(std::string account, Origin origin) {
  auto const window = settings_.attempt_window;
  Attempt attempt;
  // The address first: one that is over its limit must not fill the counters' bounded memory with made-up names.
  auto by_network = co_await count_networks(shared_, "login:address:", origin.address, settings_.attempts_per_address,
                                            window, clock_.now());
  attempt.keys = std::move(by_network.keys);
  attempt.address = by_network.quota;
  attempt.network_locked = by_network.wider_exceeded;
  if (by_network.own_exceeded) throw too_many_attempts(attempt);
  if (account.empty()) co_return attempt;

  attempt.keys.push_back("login:device:" + crypto::to_base64url(device_hash(origin)) + ':' + account);
  auto const by_device = co_await shared_.count(attempt.keys.back(), 1, window);
  attempt.device_locked = quota_of("device", by_device, settings_.attempts_per_account, window, clock_.now()).exceeded;
  if (!attempt.network_locked) co_await count_account(attempt, std::move(account));
  co_return attempt;
}

Task<> Attempts::count_account(Attempt& attempt, std::string account) {
  auto const window = settings_.attempt_window;
  attempt.keys.push_back("login:account:" + account);
  auto const by_account = co_await shared_.count(attempt.keys.back(), 1, window);
  attempt.account = quota_of("account", by_account, settings_.attempts_per_account, window, clock_.now());
  attempt.account_locked = attempt.account->exceeded;
  attempt.first_locked = by_account.value == attempt.account->limit + 1;
}

Task<> Attempts::take_back(Attempt attempt) {
  for (auto const& key : attempt.keys) co_await shared_.count(key, -1, settings_.attempt_window);
}

Problem with_rate_limit(Problem problem, Attempt const& attempt) {
  std::vector<Quota> quotas;
  if (attempt.account) quotas.push_back(*attempt.account);
  quotas.push_back(attempt.address);
  return with_rate_limit(std::move(problem), quotas);
}

Problem too_many_attempts(Attempt const& attempt) {
  bool const by_account = attempt.account && (attempt.account_locked || attempt.device_locked);
  auto const wait = by_account ? attempt.account->resets_in : attempt.address.resets_in;
  Problem problem(balcao::problems::too_many_requests,
                  {"Too many failed attempts. Try again later.", "Muitas tentativas falharam. Tente mais tarde."});
  return with_rate_limit(std::move(problem).with_header("Retry-After", std::to_string(wait)), attempt);
}

}  // namespace balcao::auth
