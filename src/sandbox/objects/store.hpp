#pragma once

#include <optional>
#include <string>
#include <vector>

#include "platform/db/database.hpp"
#include "sandbox/objects/object.hpp"
#include "sandbox/transport/list.hpp"

namespace balcao::sandbox::objects {

/// Which objects of a kind a list is about; what is empty asks for nothing.
struct Filter {
  std::string kind;
  CreatedRange created{oldest_position().created_at, newest_position().created_at};
  std::optional<std::string> customer{};
  std::optional<std::string> payment_intent{};
  std::optional<std::string> source{};  ///< a refund's or a dispute's charge, a balance transaction's source
  std::optional<std::string> type{};
  std::optional<std::string> currency{};
};

/// What the balance holds in one currency.
struct Holding {
  std::string currency;
  std::int64_t net;
};

/// `sandbox.objects`
class Store {
 public:
  explicit Store(db::Database& database) : database_(database) {}

  Task<std::optional<Object>> find(std::string kind, std::string id);
  /// Whatever it is.
  Task<std::optional<Object>> find(std::string id);

  /// At most `count` objects older than `place`, newest first.
  Task<std::vector<Object>> older(Filter filter, Position place, std::size_t count);
  /// At most `count` objects newer than `place`, oldest first.
  Task<std::vector<Object>> newer(Filter filter, Position place, std::size_t count);

  /// The sums of all balance transactions.
  Task<std::vector<Holding>> holdings();

  static db::Call insert(Object const& object);
  /// Fails, with all that is in the batch, if the object has changed since it was read.
  static db::Call update(Object const& object);

 private:
  db::Database& database_;
};

}  // namespace balcao::sandbox::objects
