#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contracts/pay_with.hpp"
#include "contracts/payments.hpp"
#include "platform/problem.hpp"
#include "products/actor.hpp"
#include "products/catalog/model.hpp"

/// Orders. A namespace of their own, since the catalog calls the order of a list `Order`.
namespace balcao::products::orders {

using Quantity = BoundedInteger<1, 100'000>;
inline constexpr std::size_t most_items = 100;
/// The gateway takes eight digits of the currency's minor unit.
inline constexpr std::int64_t largest_total = 99'999'999;

/// So many pieces of a product, as it was when it was ordered.
struct Item {
  Id<Product> product_id;
  std::string name;
  std::int64_t unit_price;  ///< in the currency's minor unit
  std::int64_t quantity;
  bool counted;  ///< taken from the product's stock
};

/// How an order is paid at once, kept until Payments has it: it may say who pays.
struct Instruction {
  contracts::PayWith pay_with;
  std::optional<std::string> return_url;
};

/// Why it was not paid, or not given back.
struct Fault {
  std::string code;
  std::string decline_code;  ///< may be empty
  std::string message;
  bool refused;  ///< the gateway would not do it at all; else it was declined
};

struct Order {
  enum class Status { pending, canceling, paid, failed, expired, canceled, refunding, refunded };
  static constexpr std::array<std::string_view, 8> words{"pending", "canceling", "paid",      "failed",
                                                         "expired", "canceled",  "refunding", "refunded"};

  Id<Order> id;
  Id<Owner> owner;
  Status status = Status::pending;
  std::optional<Status> ending{};  ///< what it comes to when Payments has called it off; while it is `canceling`
  std::string currency;
  std::int64_t total = 0;
  std::vector<Item> items{};             ///< by product
  bool method_given = false;             ///< it is paid by its own instruction, else on a page
  std::optional<Instruction> payment{};  ///< none (any more) once it is known what came of it
  std::optional<Uuid> payment_id{};
  std::optional<std::string> payment_status{};
  std::optional<Fault> fault{};
  std::optional<Uuid> refund_id{};  ///< that Payments is asked for
  bool holds_stock = true;          ///< its pieces are not in the catalog's stock
  std::int64_t version = 1;
  std::optional<Time> due_at{};  ///< when recovery looks at it
  std::int64_t tries = 0;        ///< by recovery, since something was last learnt
  Time expires_at;
  Time created_at;
  Time updated_at;

  /// Whether it is not known what came of its payment.
  bool is_unknown() const { return payment.has_value(); }
};

std::string_view to_string(Order::Status status);
/// Throws std::invalid_argument for a word that is none of them.
Order::Status read_status(std::string_view word);

struct Wish {
  Id<Product> product;
  std::int64_t quantity;
};

struct NewOrder {
  std::vector<Wish> items;
  std::optional<Instruction> payment;
};

/// Newest first, behind `after`.
struct ListRequest {
  std::optional<Id<Owner>> owner;  ///< none: everyone's
  std::optional<Order::Status> status;
  std::size_t limit = 20;
  std::optional<Id<Order>> after;
};

namespace problems {

inline constexpr ProblemType out_of_stock{409, "out_of_stock", "There are not so many pieces", "Não há tantas peças"};
inline constexpr ProblemType too_many_unpaid_orders{409, "too_many_unpaid_orders", "Too many unpaid orders",
                                                    "Pedidos demais sem pagamento"};
inline constexpr ProblemType order_declined{402, "payment_declined", "The payment was declined",
                                            "O pagamento foi recusado"};
inline constexpr ProblemType order_refused{422, "gateway_refused", "The payment gateway refused this",
                                           "O gateway de pagamento recusou isto"};

}  // namespace problems
}  // namespace balcao::products::orders
