#include "payments/payments.hpp"

#include <algorithm>
#include <iterator>

#include "payments/routes.hpp"
#include "platform/card_number.hpp"

namespace balcao::payments {
namespace {

/// Whatever clients can say, and however it is written: no card number gets in.
void keep_card_numbers_out(http::Endpoint& endpoint) {
  if (endpoint.access.is(http::Access::service)) return;
  endpoint.screen = refuse_card_number;
  bool const has_body = endpoint.method != http::Method::get && endpoint.method != http::Method::del;
  if (has_body) endpoint.about.problems.push_back(&balcao::problems::card_number_refused);
}

Task<> tell_of_order(WhereOrdersAre const& products, std::string order) {
  if (auto const id = Uuid::parse(order)) co_await products().order_changed(*id);
}

constexpr std::size_t payments_of_account = 20;

}  // namespace

Service::Service(db::Database& database, Gateway& gateway, Clock const& clock, Settings settings,
                 WhereOrdersAre products)
    : client_store_(database),
      payment_store_(database),
      refund_store_(database),
      dispute_store_(database),
      checkout_store_(database),
      inbox_store_(database),
      reconciliation_store_(database),
      webhook_store_(database),
      ledger_(database),
      jobs_(database, "payments", clock),
      messages_(jobs_, clock),
      keys_(database, "payments", clock),
      clients_(client_store_, gateway, jobs_, clock),
      attempts_(payment_store_, gateway, messages_, keys_, clock),
      checkouts_(
          {checkout_store_, payment_store_, attempts_, clients_, gateway, messages_, keys_, database, clock, products}),
      payments_({payment_store_, attempts_, clients_, checkouts_, keys_, clock}),
      refunds_({refund_store_, payment_store_, payments_, gateway, messages_, keys_, database, clock}),
      order_payments_({payment_store_, attempts_, payments_, refund_store_, refunds_, clock}),
      disputes_({dispute_store_, payment_store_, payments_, gateway, messages_, database, clock}),
      inbox_({inbox_store_, payments_, refunds_, disputes_, checkouts_, clients_, gateway, clock,
              std::move(settings.gateway_secrets)}),
      reconciler_({reconciliation_store_, payment_store_, attempts_, clients_, ledger_, gateway, clock}),
      rounds_({payments_, refunds_, checkouts_, inbox_, reconciler_, reconciliation_store_, clock}),
      webhook_settings_(std::move(settings.webhooks)),
      webhook_secrets_(webhook_settings_.encryption_keys),
      webhook_endpoints_({webhook_store_, messages_, webhook_secrets_, webhook_settings_, clock}),
      webhook_deliveries_({webhook_store_, webhook_endpoints_, messages_, webhook_secrets_, webhook_settings_, clock}),
      purge_(clock) {
  purge_.add("payments.idempotency_keys", [this](Time now, std::int64_t most) { return keys_.purge(now, most); });
  purge_.add("payments.gateway_events", [this](Time now, std::int64_t most) { return inbox_.purge(now, most); });
  purge_.add("payments.webhook_deliveries",
             [this](Time now, std::int64_t most) { return webhook_deliveries_.purge(now, most); });
  jobs_.handle(std::string(order_changed_job), [products = std::move(products)](jobs::Job const& job) -> Task<> {
    return tell_of_order(products, job.payload);
  });
}

http::Endpoints Service::endpoints() {
  auto all = contracts::endpoints(*this);
  auto const add = [&all](http::Endpoints some) { std::ranges::move(some, std::back_inserter(all)); };
  add(client_endpoints(clients_));
  add(payment_endpoints(payments_));
  add(refund_endpoints(refunds_));
  add(dispute_endpoints(disputes_));
  add(checkout_endpoints(checkouts_));
  add(inbox_endpoints(inbox_));
  add(webhook_endpoints(webhook_endpoints_));
  std::ranges::for_each(all, keep_card_numbers_out);
  return all;
}

std::vector<Task<>> Service::background() {
  std::vector<Task<>> tasks;
  tasks.push_back(jobs_.run());
  tasks.push_back(rounds_.run());
  tasks.push_back(webhook_deliveries_.run());
  tasks.push_back(purge_.run());
  return tasks;
}

void Service::stop() {
  jobs_.stop();
  rounds_.stop();
  webhook_deliveries_.stop();
  purge_.stop();
}

Task<std::vector<jobs::SetAside>> Service::set_aside() {
  std::vector<jobs::SetAside> all;
  all.push_back({"payments job", co_await jobs_.count_set_aside()});
  all.push_back(co_await payment_store_.unsettled().count_set_aside());
  all.push_back(co_await payment_store_.unheard().count_set_aside());
  all.push_back(co_await refund_store_.unsettled().count_set_aside());
  all.push_back(co_await checkout_store_.unsettled().count_set_aside());
  all.push_back(co_await inbox_store_.due().count_set_aside());
  all.push_back(co_await webhook_store_.count_set_aside());
  co_return all;
}

Task<> Service::ensure_customer(contracts::NewUser user) {
  co_await clients_.ensure_own(Id<Owner>{user.id}, std::move(user.username));
}

Task<> Service::forget_user(Uuid user) {
  co_await webhook_endpoints_.forget(Id<Owner>{user});
  co_await clients_.forget_own(Id<Owner>{user});
}

Task<contracts::Account> Service::account_of(Uuid user, http::Trace) {
  Id<Owner> const owner{user};
  contracts::Account account;
  auto const client = co_await client_store_.find(own_client(owner));
  if (client && !client->deleted) {
    account.customer = contracts::Customer{client->id.uuid, std::string(to_string(client->status())),
                                           client->gateway_id, client->created_at};
  }
  PaymentListRequest const newest{.owner = owner, .client = {}, .limit = payments_of_account - 1, .after = {}};
  for (auto const& payment : co_await payment_store_.list(newest)) {
    account.payments.push_back(
        {payment.id.uuid, payment.amount, payment.currency, std::string(status_of(payment)), payment.created_at});
  }
  co_return account;
}

Task<contracts::Settlement> Service::pay_order(contracts::Bill bill, contracts::PayWith with,
                                               std::optional<std::string> return_url) {
  return order_payments_.pay(std::move(bill), std::move(with), std::move(return_url));
}

Task<contracts::Settlement> Service::payment_of_order(Uuid order) { return order_payments_.find({order}); }

Task<contracts::Settlement> Service::call_off(contracts::Bill bill) {
  return order_payments_.call_off(std::move(bill));
}

Task<contracts::Settlement> Service::refund_order(Uuid order, Uuid refund) {
  return order_payments_.refund({order}, {refund});
}

}  // namespace balcao::payments
