#pragma once

#include "payments/idempotency/keys.hpp"

/// All SQL about idempotency keys. Fails as db::Database does.
namespace balcao::payments::idempotency {

struct Row {
  std::string fingerprint;
  Uuid thing;
  std::optional<KeptAnswer> answer;
  Uuid holder;  ///< the process that sees to it
};

/// Takes the place of a row from before `kept_since`; fails, with all that is in the batch, where there is a newer one.
db::Call claim(KeyedRequest const& request, Uuid thing, Uuid holder, Time now, Time leased_until, Time kept_since);
db::Call keep(KeyedRequest const& request, KeptAnswer const& answer);
db::Call forget(KeyedRequest const& request);
db::Call forget(Uuid thing);

Task<std::optional<Row>> find(db::Database& database, KeyedRequest request, Time kept_since);
/// Whether `holder` sees to it from now on: not while another's lease lasts.
Task<bool> take(db::Database& database, KeyedRequest request, Uuid holder, Time now, Time leased_until);
Task<> remove_before(db::Database& database, Time kept_since);

}  // namespace balcao::payments::idempotency
