#pragma once

#include "platform/db/owned_statement.hpp"
#include "platform/idempotency/keys.hpp"

namespace balcao {

/// All that is said to the table `<schema>.idempotency_keys`. Fails as db::Database does.
class IdempotencyKeys::Store {
 public:
  struct Row {
    std::string fingerprint;
    Uuid thing;
    std::optional<KeptAnswer> answer;
    Uuid holder;  ///< the process that sees to it
  };

  Store(db::Database& database, std::string const& schema);

  /// Takes the place of a row from before `kept_since`; fails, with all that is in the batch, where there is a newer
  /// one.
  db::Call claim(KeyedRequest const& request, Uuid thing, Uuid holder, Time now, Time leased_until,
                 Time kept_since) const;
  db::Call keep(KeyedRequest const& request, KeptAnswer const& answer) const;
  db::Call forget(KeyedRequest const& request) const;
  db::Call forget(Uuid thing) const;

  Task<std::optional<Row>> find(KeyedRequest request, Time kept_since) const;
  /// Whether `holder` sees to it from now on: not while another's lease lasts.
  Task<bool> take(KeyedRequest request, Uuid holder, Time now, Time leased_until) const;
  /// At most `most`; gives how many.
  Task<std::int64_t> remove_before(Time kept_since, std::int64_t most) const;

 private:
  db::Database& database_;
  db::OwnedStatement const claim_;
  db::OwnedStatement const keep_;
  db::OwnedStatement const forget_;
  db::OwnedStatement const forget_thing_;
  db::OwnedStatement const find_;
  db::OwnedStatement const take_;
  db::OwnedStatement const remove_;
};

}  // namespace balcao
