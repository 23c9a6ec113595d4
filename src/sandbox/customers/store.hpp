#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/db/database.hpp"
#include "platform/json/value.hpp"
#include "sandbox/transport/list.hpp"

namespace balcao::sandbox::customers {

struct Customer {
  std::string id;
  Time created_at;
  bool deleted = false;
  std::int64_t version = 1;
  json::Object resource{};  ///< as the API shows it
  json::Array tax_ids{};    ///< shown when they are asked for
};

/// Which customers a list is about: those that are not deleted, and fit.
struct Filter {
  std::optional<std::string> email;
  CreatedRange created;
};

class Store {
 public:
  explicit Store(db::Database& database) : database_(database) {}

  /// Deleted ones too.
  Task<std::optional<Customer>> find(std::string id);

  /// At most `count` customers older than `place`, newest first.
  Task<std::vector<Customer>> older(Filter filter, Position place, std::size_t count);
  /// At most `count` customers newer than `place`, oldest first.
  Task<std::vector<Customer>> newer(Filter filter, Position place, std::size_t count);

  static db::Call insert(Customer const& customer);
  /// Fails, with all that is in the batch, if the customer has changed since it was read.
  static db::Call update(Customer const& customer);

 private:
  db::Database& database_;
};

}  // namespace balcao::sandbox::customers
