#pragma once

#include <map>
#include <mutex>
#include <tuple>

#include "platform/db/database.hpp"
#include "platform/db/lookup.hpp"
#include "products/catalog/model.hpp"

namespace balcao::products {

/// Everything that Products keeps, and all of its SQL. Fails as db::Database does.
class Store {
 public:
  /// `loops` is the number of event loops that it is used on.
  Store(db::Database& database, std::size_t loops);

  Task<> insert(Product product);
  /// Nothing for an unknown or deleted one.
  Task<std::optional<Product>> find(Id<Product> id) { return by_id_.find(id); }
  /// Applies the change if the product still has the version; nothing where it has another or is gone.
  Task<std::optional<Product>> update(Id<Product> id, std::int64_t version, ProductChange change, Time now);
  /// False where it has another version or is gone. The row stays, for the orders that name it.
  Task<bool> remove(Id<Product> id, std::int64_t version, Time now);
  /// At most `limit` + 1 of the products that are for sale, so that the caller learns whether there are more.
  Task<std::vector<Product>> list(ListRequest request);

 private:
  /// Which conditions a list has: they decide the statement's text.
  using ListShape = std::tuple<Order, bool, bool, bool, bool, bool, bool>;

  /// A list's statement with its text, made at first need and kept at its address.
  struct ListStatement {
    std::string sql;
    db::Statement statement;
  };

  Task<std::unordered_map<Id<Product>, Product>> find_all(std::vector<Id<Product>> ids);
  db::Statement const& list_statement(ListRequest const& request);

  db::Database& database_;
  db::Lookup<Id<Product>, Product> by_id_;
  std::mutex mutex_;
  std::map<ListShape, ListStatement> list_statements_;
};

}  // namespace balcao::products
