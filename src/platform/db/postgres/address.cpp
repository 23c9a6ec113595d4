#include "platform/db/postgres/address.hpp"

#include <libpq-fe.h>

#include <memory>
#include <string_view>

#include "platform/db/database.hpp"

namespace balcao::db::postgres {
namespace {

struct Free {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

std::vector<std::string> split(std::string_view list) {
  std::vector<std::string> parts;
  for (;;) {
    auto const comma = list.find(',');
    parts.emplace_back(list.substr(0, comma));
    if (comma == list.npos) return parts;
    list.remove_prefix(comma + 1);
  }
}

/// What a URL leaves open. libpq's own answers are not for a server that writes and must notice a dead peer.
Address::Keywords const& defaults() {
  static Address::Keywords const keywords{
      {"target_session_attrs", "read-write"},
      {"fallback_application_name", "balcao"},
      {"gssencmode", "disable"},  // its lookups block
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
      {"tcp_user_timeout", "15000"},
  };
  return keywords;
}

}  // namespace

Address::Address(std::string const& url) {
  if (!url.starts_with("postgres://") && !url.starts_with("postgresql://")) {
    throw Error("the database URL does not begin with postgres:// or postgresql://");
  }
  char* fault = nullptr;  // its text quotes the URL
  std::unique_ptr<PQconninfoOption, Free> const options(PQconninfoParse(url.c_str(), &fault));
  PQfreemem(fault);
  if (!options) {
    throw Error(
        "the database URL is malformed: it must be postgres://user:password@host:port/database?parameter=value, with "
        "special characters percent-encoded and only parameters that libpq knows");
  }
  for (auto const* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) keywords_.emplace(option->keyword, option->val);
  }

  auto const names = split(keywords_["host"]);
  auto const numerics = split(keywords_["hostaddr"]);
  auto const ports = split(keywords_["port"]);
  auto const count = std::max(names.size(), numerics.size());
  auto const pick = [count](std::vector<std::string> const& list) {
    if (list.size() == 1) return std::vector<std::string>(count, list.front());
    if (list.size() != count) throw Error("the database URL does not have as many ports or addresses as hosts");
    return list;
  };
  auto const all_names = pick(names);
  auto const all_numerics = pick(numerics);
  auto const all_ports = pick(ports);
  for (std::size_t i = 0; i < count; ++i) hosts_.push_back({all_names[i], all_numerics[i], all_ports[i]});
  for (auto const& [keyword, value] : defaults()) keywords_.emplace(keyword, value);
  keywords_["client_encoding"] = "UTF8";
}

Address::Keywords Address::keywords(Host const& host, std::string const& numeric) const {
  Keywords keywords = keywords_;
  keywords["host"] = host.name;  // also where a numeric address is known: certificates are checked against it
  keywords["hostaddr"] = numeric.empty() ? host.numeric : numeric;
  keywords["port"] = host.port;
  std::erase_if(keywords, [](auto const& keyword) { return keyword.second.empty(); });
  return keywords;
}

}  // namespace balcao::db::postgres
