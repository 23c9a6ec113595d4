#include "products/orders/reservations.hpp"

#include <algorithm>
#include <ranges>
#include <set>

#include "platform/runtime/recovery.hpp"
#include "products/catalog/announcement.hpp"
#include "products/orders/view.hpp"

namespace balcao::products::orders {
namespace {

/// How many orders, and how many of their items, are committed together.
constexpr std::size_t most_orders = 64;
constexpr std::size_t most_lines = 256;
/// A boleto is paid within three days, and known to be on the next.
constexpr std::chrono::days boleto_takes{4};

std::string at_item(std::size_t number, std::string_view member) {
  return "/items/" + std::to_string(number) + '/' + std::string(member);
}

/// Faults in what is ordered that no other moment could mend.
void require_distinct(std::vector<Wish> const& items) {
  std::vector<FieldFault> faults;
  std::map<Id<Product>, std::size_t> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (seen.emplace(items[i].product, i).second) continue;
    faults.push_back({at_item(i, "product_id"),
                      {"is there already: say the quantity once", "já está na lista: informe a quantidade uma vez"}});
  }
  if (!faults.empty()) throw Problem(balcao::problems::invalid_fields).with_faults(std::move(faults));
}

}  // namespace

/// A request that waits for its pieces. Whoever has the turn may serve it.
struct Reservations::Waiting {
  Actor actor;
  NewOrder wanted;
  KeyedRequest request;
  std::optional<std::variant<Order, KnownKey>> result{};
  std::exception_ptr failure{};

  bool is_served() const { return result || failure; }
  bool is_limited() const { return !actor.administrator && !actor.program; }
};

Task<std::variant<Order, KnownKey>> Reservations::reserve(Actor actor, NewOrder wanted, KeyedRequest request) {
  require_distinct(wanted.items);
  auto const mine = std::make_shared<Waiting>(actor, std::move(wanted), std::move(request));
  {
    std::lock_guard const lock(mutex_);
    if (queue_.size() >= most_waiting) throw overloaded("Too many orders wait", "Há pedidos demais esperando");
    queue_.push_back(mine);
  }
  std::optional<Turn::Held> turn;
  try {
    turn.emplace(co_await turn_.take());
  } catch (...) {
    withdraw(mine);  // who is told that too many wait has ordered nothing
    throw;
  }
  while (!mine->is_served()) co_await serve(next_group());
  if (mine->failure) std::rethrow_exception(mine->failure);
  co_return std::move(*mine->result);
}

void Reservations::withdraw(std::shared_ptr<Waiting> const& waiting) {
  std::lock_guard const lock(mutex_);
  std::erase(queue_, waiting);
}

Reservations::Group Reservations::next_group() {
  Group group;
  std::size_t lines = 0;
  std::lock_guard const lock(mutex_);
  while (!queue_.empty() && group.size() < most_orders) {
    lines += queue_.front()->wanted.items.size();
    if (!group.empty() && lines > most_lines) break;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return group;
}

/// What comes of a request if all that stands before it is done.
struct Reservations::Verdict {
  std::optional<Order> order;
  std::exception_ptr failure;
};

/// All together; where that fails, because one of them is in its own way, each by itself.
Task<> Reservations::serve(Group group) {
  if (auto const failure = co_await commit(group)) {
    for (auto const& each : group) co_await serve_one(each);
  }
}

/// What keeps it from being committed is its key, which may be there already; or the products are not as they were
/// read.
Task<> Reservations::serve_one(std::shared_ptr<Waiting> waiting) {
  for (int tries = 1; !waiting->is_served(); ++tries) {
    auto const failure = co_await commit({waiting});
    if (!failure) co_return;
    try {
      if (auto known = co_await ground_.keys.recall(waiting->request)) waiting->result = std::move(*known);
    } catch (...) {
      waiting->failure = std::current_exception();
    }
    if (tries == recovery::most_tries && !waiting->is_served()) waiting->failure = failure;
  }
}

/// Serves all of them; where the database refuses it, none, and gives why.
Task<std::exception_ptr> Reservations::commit(Group group) {
  std::exception_ptr failure;
  bool is_refused = false;
  try {
    auto const as_read = co_await market_for(group);
    auto left = as_read;
    std::vector<db::Call> calls;
    std::map<Id<Product>, std::int64_t> taken;
    std::set<Id<Owner>> buyers;
    std::vector<Verdict> verdicts;
    for (auto const& each : group) {
      auto& verdict = verdicts.emplace_back(judge(*each, left));
      if (!verdict.order) continue;
      auto const& order = *verdict.order;
      if (each->is_limited()) buyers.insert(order.owner);
      calls.push_back(ground_.keys.claim(each->request, order.id.uuid));
      calls.push_back(OrderStore::insert(order));
      if (!order.method_given) calls.push_back(ground_.keys.keep(each->request, answer_of(order)));
      for (auto const& item : order.items) taken[item.product_id] += item.quantity;
    }
    // Before the products, and in order, so that two processes cannot wait for each other.
    for (auto const buyer : buyers) calls.push_back(OrderStore::count_order(buyer, as_read.buyers.at(buyer)));
    std::vector<Id<Product>> changed;
    for (auto const& [product, quantity] : taken) {
      auto const& read = as_read.products.at(product);
      calls.push_back(OrderStore::take(product, quantity, read));
      if (read.stock) changed.push_back(product);
    }
    if (!calls.empty()) {
      Announcement announcement([&] { note(changed); });
      co_await announcement.watch(ground_.store.apply(std::move(calls)));
    }
    // Not before: what one was refused for may have been taken by another, who did not get it.
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (verdicts[i].order) group[i]->result = std::move(*verdicts[i].order);
      group[i]->failure = verdicts[i].failure;
    }
  } catch (db::Error const&) {
    failure = std::current_exception();
    is_refused = true;
  } catch (...) {
    failure = std::current_exception();
  }
  if (is_refused || !failure) co_return failure;
  for (auto const& each : group) each->failure = failure;
  co_return nullptr;
}

void Reservations::note(std::vector<Id<Product>> const& changed) const {
  if (!changed.empty()) ground_.written(changed);
}

Task<Market> Reservations::market_for(Group const& group) {
  std::vector<Id<Product>> products;
  std::vector<Id<Owner>> buyers;
  for (auto const& each : group) {
    for (auto const& item : each->wanted.items) products.push_back(item.product);
    if (each->is_limited()) buyers.push_back(each->actor.id);
  }
  std::ranges::sort(products);
  products.erase(std::ranges::unique(products).begin(), products.end());
  std::ranges::sort(buyers);
  buyers.erase(std::ranges::unique(buyers).begin(), buyers.end());
  return ground_.store.market(std::move(products), std::move(buyers));
}

Reservations::Verdict Reservations::judge(Waiting const& waiting, Market& market) const {
  try {
    auto products = market.products;
    auto order = draw_up(waiting, products);
    if (waiting.is_limited()) require_payment(order, market.buyers.at(order.owner));
    market.products = std::move(products);
    return {std::move(order), nullptr};
  } catch (Problem const&) {
    return {std::nullopt, std::current_exception()};
  }
}

/// Counts the order, if there may be one more.
void Reservations::require_payment(Order const& order, Unpaid& unpaid) const {
  auto const& [reservation, most_orders_unpaid, most_pieces] = ground_.settings;
  auto const pieces = unpaid.pieces + OrderStore::pieces_of(order);
  if (unpaid.orders >= most_orders_unpaid || pieces > most_pieces) {
    auto const orders_text = std::to_string(most_orders_unpaid);
    auto const pieces_text = std::to_string(most_pieces);
    throw Problem(problems::too_many_unpaid_orders,
                  {"Unpaid orders are limited to " + orders_text + " orders and " + pieces_text +
                       " pieces; pay or cancel one first.",
                   "O limite de pedidos sem pagamento é de " + orders_text + " pedidos e " + pieces_text +
                       " unidades; pague ou cancele um deles primeiro."});
  }
  ++unpaid.orders;
  unpaid.pieces = pieces;
}

/// Takes its pieces out of `products`.
Order Reservations::draw_up(Waiting const& waiting, std::unordered_map<Id<Product>, ForSale>& products) const {
  auto const& [items, payment] = waiting.wanted;
  auto const now = ground_.clock.now();
  Order order{.id = Id<Order>::make(now),
              .owner = waiting.actor.id,
              .currency = {},
              .method_given = payment.has_value(),
              .payment = payment,
              .expires_at = now + ground_.settings.reservation,
              .created_at = now,
              .updated_at = now};
  std::vector<FieldFault> faults;
  std::vector<FieldFault> missing;
  for (std::size_t i = 0; i < items.size(); ++i) {
    auto const& [id, quantity] = items[i];
    auto const found = products.find(id);
    if (found == products.end()) {
      faults.push_back({at_item(i, "product_id"), {"there is no such product", "não existe este produto"}});
      continue;
    }
    auto const& product = found->second;
    if (order.currency.empty()) order.currency = product.currency;
    if (order.currency != product.currency) {
      faults.push_back({at_item(i, "product_id"),
                        {"costs " + product.currency + ", the others " + order.currency,
                         "custa " + product.currency + ", os outros " + order.currency}});
      continue;
    }
    if (product.stock && *product.stock < quantity) {
      auto const count = std::to_string(*product.stock);
      missing.push_back({at_item(i, "quantity"), {"there are " + count, "há " + count}});
    }
    order.total += product.price * quantity;  // 100 items of eight digits each, 100 000 times: far below 2^63
    order.items.push_back({id, product.name, product.price, quantity, product.stock.has_value()});
  }
  if (!faults.empty()) throw Problem(balcao::problems::invalid_fields).with_faults(std::move(faults));
  if (order.total == 0) throw invalid_field("/items", {"come to nothing", "somam zero"});
  if (order.total > largest_total) {
    throw invalid_field("/items", {"come to " + std::to_string(order.total) +
                                       ", more than can be paid at once: " + std::to_string(largest_total),
                                   "somam " + std::to_string(order.total) +
                                       ", mais do que se pode pagar de uma vez: " + std::to_string(largest_total)});
  }
  if (payment && payment->pay_with.needs_brl() && order.currency != "BRL") {
    throw invalid_field("/payment_method", {"needs an order in BRL", "precisa de um pedido em BRL"});
  }
  if (!missing.empty()) throw Problem(problems::out_of_stock).with_faults(std::move(missing));

  for (auto const& [id, quantity] : items) {
    if (auto& stock = products.at(id).stock) *stock -= quantity;
  }
  std::ranges::sort(order.items, {}, &Item::product_id);
  if (payment && payment->pay_with.method == "boleto") {
    order.expires_at = std::max<Time>(order.expires_at, now + boleto_takes);
  }
  order.due_at = order.method_given ? std::min<Time>(now + recovery::head_start, order.expires_at) : order.expires_at;
  return order;
}

Task<std::optional<Order>> Reservations::write(Order before, Order after, std::vector<db::Call> also) {
  std::vector<db::Call> calls{OrderStore::update(after)};
  std::ranges::move(also, std::back_inserter(calls));
  bool const gives_back = before.holds_stock && !after.holds_stock;
  std::optional<Turn::Held> turn;
  std::vector<Id<Product>> changed;
  if (gives_back) {
    for (auto const& item : after.items) {
      if (!item.counted) continue;
      calls.push_back(OrderStore::give_back(item));
      changed.push_back(item.product_id);
    }
    turn.emplace(co_await turn_.take());
  }
  Announcement announcement([&] { note(changed); });
  try {
    co_await announcement.watch(ground_.store.apply(std::move(calls)));
  } catch (db::Error const&) {
    co_return std::nullopt;
  }
  ++after.version;
  co_return after;
}

}  // namespace balcao::products::orders
