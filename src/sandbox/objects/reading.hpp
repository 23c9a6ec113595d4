#pragma once

#include <string>
#include <vector>

#include "sandbox/customers/store.hpp"
#include "sandbox/objects/changes.hpp"
#include "sandbox/transport/search.hpp"

namespace balcao::sandbox::objects {

/// How objects are shown, alone and in lists.
class Reading {
 public:
  explicit Reading(db::Database& database) : store_(database), customers_(database) {}

  /// Puts the objects themselves where their ids stand: `latest_charge.balance_transaction`. Those in `changes` are
  /// shown as they will be.
  Task<json::Object> expand(json::Object resource, std::vector<std::string> names, Changes const& changes = {});

  /// The answer of an operation: the object as it is now, and the changes that make it so.
  Task<Outcome> answer(Changes changes, Object const& object, std::vector<std::string> names);

  /// What GET of one object answers; 404 names it as `what`.
  Task<Outcome> retrieve(ApiCall call, std::string kind, std::string what, std::vector<std::string_view> expandable);

  /// What GET of a list answers. The parameters of pages, `expand` and, where the kind has it, `created` are read here;
  /// what else the call holds is unknown.
  Task<Outcome> list(ApiCall call, Filter filter, std::string url, std::vector<std::string_view> expandable);

  /// What a search answers: `query`, `limit` and `page` are read here. It looks through the kind's objects newest
  /// first.
  Task<Outcome> search(ApiCall call, std::string kind, Searchable searchable, std::string url,
                       std::vector<std::string_view> expandable);

  /// The customer that a parameter names; throws 400 `resource_missing` where there is none.
  Task<> expect_customer(std::string id);

  Store& store() { return store_; }

 private:
  Task<> expand_member(json::Object& resource, std::string_view name, Changes const& changes);
  Task<std::optional<json::Object>> show(std::string id, Changes const& changes);
  Task<Position> place_of(std::string kind, std::string parameter, std::string id);

  Store store_;
  customers::Store customers_;
};

}  // namespace balcao::sandbox::objects
