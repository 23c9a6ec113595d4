#pragma once

#include <optional>
#include <string>

#include "platform/db/database.hpp"

namespace balcao::sandbox::idempotency {

/// The outcome of the first request with a key.
struct KeptAnswer {
  std::string endpoint;     ///< `POST /v1/customers`
  std::string fingerprint;  ///< of its parameters
  std::string request_id;
  int status;
  std::string body;
};

class Store {
 public:
  explicit Store(db::Database& database) : database_(database) {}

  Task<std::optional<KeptAnswer>> find(std::string key, Time kept_since);

  /// Fails, with all that is in the batch, if the key is there: another process was quicker.
  static db::Call insert(std::string const& key, KeptAnswer const& answer, Time now);
  /// Makes room for the key where its answer is no longer kept.
  static db::Call remove_old(std::string const& key, Time kept_since);
  /// For db::Purge: answers that are not younger.
  Task<std::int64_t> purge(Time kept_since, std::int64_t most);

 private:
  db::Database& database_;
};

}  // namespace balcao::sandbox::idempotency
