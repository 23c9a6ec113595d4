#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/db/database.hpp"
#include "platform/json/value.hpp"

namespace balcao::sandbox::webhooks {

struct Endpoint {
  std::string id;
  Time created_at;
  std::int64_t version = 1;
  std::string secret;
  json::Object resource{};  ///< as the API shows it, without the secret
};

class Store {
 public:
  explicit Store(db::Database& database) : database_(database) {}

  /// All of them, newest first.
  Task<std::vector<Endpoint>> all();
  Task<std::optional<Endpoint>> find(std::string id);

  static db::Call insert(Endpoint const& endpoint);
  /// Fails, with all that is in the batch, if the endpoint has changed since it was read.
  static db::Call update(Endpoint const& endpoint);
  static db::Call remove(std::string const& id);

 private:
  db::Database& database_;
};

}  // namespace balcao::sandbox::webhooks
