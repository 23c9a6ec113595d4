#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <variant>

#include "platform/idempotency/keys.hpp"
#include "platform/runtime/turn.hpp"
#include "products/orders/store.hpp"

namespace balcao::products::orders {

struct Settings {
  std::chrono::seconds reservation{std::chrono::hours(1)};  ///< how long pieces wait to be paid
  std::int64_t unpaid_orders = 20;                          ///< that a user may have
  std::int64_t unpaid_pieces = 1000;                        ///< that these may hold
};

/// Takes pieces out of the stock, and puts them back.
///
/// A product that everyone wants is one row, for which everyone would wait in the database, one commit each; and orders
/// that are committed together hold the rows of several products, in each other's way. So one coroutine of the process
/// writes the stock at a time, in the order of the products' ids; and whoever has the turn serves those behind him too:
/// their pieces are taken by one statement for each product, and one commit.
class Reservations {
 public:
  /// What they are given must outlive them. `written` is told of each commit that changes the catalog, or may have.
  struct Ground {
    OrderStore& store;
    IdempotencyKeys& keys;
    Clock const& clock;
    Settings settings;
    std::function<void(std::vector<Id<Product>> const&)> written;
  };
  explicit Reservations(Ground ground) : ground_(std::move(ground)) {}

  /// The new order, whose key, pieces and row are committed; or what the key stands for already. The answer of an order
  /// that is not paid at once is kept. Users have a bounded number of unpaid orders, exactly so among all processes;
  /// administrators and service accounts do not. Problems: invalid_fields, out_of_stock, too_many_unpaid_orders,
  /// unavailable.
  Task<std::variant<Order, KnownKey>> reserve(Actor actor, NewOrder wanted, KeyedRequest request);

  /// Writes an order that was `before`; what it does not hold any more goes back in the same batch. Nothing where the
  /// order has changed meanwhile.
  Task<std::optional<Order>> write(Order before, Order after, std::vector<db::Call> also);

 private:
  struct Waiting;
  struct Verdict;
  using Group = std::vector<std::shared_ptr<Waiting>>;

  void withdraw(std::shared_ptr<Waiting> const& waiting);
  Group next_group();
  Task<> serve(Group group);
  Task<> serve_one(std::shared_ptr<Waiting> waiting);
  Task<std::exception_ptr> commit(Group group);
  void note(std::vector<Id<Product>> const& changed) const;
  Task<Market> market_for(Group const& group);
  Verdict judge(Waiting const& waiting, Market& market) const;
  Order draw_up(Waiting const& waiting, std::unordered_map<Id<Product>, ForSale>& products) const;
  void require_payment(Order const& order, Unpaid& unpaid) const;

  Ground const ground_;
  Turn turn_{most_waiting};
  std::mutex mutex_;
  std::deque<std::shared_ptr<Waiting>> queue_;

  static constexpr std::size_t most_waiting = 4096;
};

}  // namespace balcao::products::orders
