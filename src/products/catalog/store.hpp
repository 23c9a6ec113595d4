#pragma once

#include "platform/db/lookup.hpp"
#include "products/catalog/list_store.hpp"
#include "products/catalog/word_store.hpp"

namespace balcao::products {

/// The products, in the database. Fails as db::Database does.
class Store {
 public:
  /// `loops` is the number of event loops that it is used on.
  Store(db::Database& database, std::size_t loops);

  Task<> insert(Product product);
  /// Nothing for an unknown or deleted one.
  Task<std::optional<Product>> find(Id<Product> id) { return by_id_.find(id); }
  /// Applies the change if the product has the version, where one is given, and the name and description of `before`,
  /// where one of these is changed; nothing where it has not or is gone.
  Task<std::optional<Product>> update(Product before, std::optional<std::int64_t> version, ProductChange change,
                                      Time now);
  /// False where it has another version than the one given, if one is, or is gone. The row stays, for the orders that
  /// name it.
  Task<bool> remove(Id<Product> id, std::optional<std::int64_t> version, Time now);

  WordStore& words() { return words_; }
  ListStore& lists() { return lists_; }

 private:
  Task<std::unordered_map<Id<Product>, Product>> find_all(std::vector<Id<Product>> ids);

  db::Database& database_;
  WordStore words_;
  ListStore lists_;
  db::Lookup<Id<Product>, Product> by_id_;
};

}  // namespace balcao::products
