#pragma once

#include "platform/db/purge.hpp"
#include "platform/http/response_cache.hpp"
#include "products/catalog/catalog.hpp"
#include "products/catalog/changes.hpp"
#include "products/catalog/indexing.hpp"
#include "products/orders/orders.hpp"
#include "products/transfer/transfer.hpp"

namespace balcao::products {

/// What Products stands on; all of it must outlive the service.
struct Ground {
  db::Database& database;
  shared::SharedState& shared;
  Clock const& clock;
  std::size_t loops;
  contracts::Payments& payments;
  orders::Settings orders;
};

/// Products, whole.
class Service final : public contracts::Products {
 public:
  /// Making it does no I/O.
  explicit Service(Ground ground);

  /// Its endpoints; the service must outlive them.
  http::Endpoints endpoints();

  /// What goes on beside the requests, until `stop`.
  std::vector<Task<>> background();
  /// From any thread.
  void stop();

  /// What is not tried again for now, because the process died each time; for readiness.
  Task<std::vector<jobs::SetAside>> set_aside();

  Task<> order_changed(Uuid order) override;
  Task<std::optional<contracts::OrderToPay>> order_to_pay(Uuid order, Uuid user) override;

 private:
  Store store_;
  TransferStore transfer_store_;
  http::ResponseCache pages_;  ///< of public reads, until a write makes them old
  Changes changes_;
  Indexing indexing_;
  Catalog catalog_;
  IdempotencyKeys keys_;
  orders::OrderStore order_store_;
  orders::Reservations reservations_;
  orders::Orders orders_;
  Transfer transfer_;
  db::Purge purge_;
};

}  // namespace balcao::products
