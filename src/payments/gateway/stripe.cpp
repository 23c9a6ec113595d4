#include "payments/gateway/stripe.hpp"

#include <algorithm>

#include "payments/gateway/stripe_api.hpp"
#include "payments/gateway/stripe_read.hpp"

namespace balcao::payments {
namespace {

using Fields = StripeApi::Fields;

/// By how much the gateway's clock may be behind ours.
constexpr std::chrono::minutes clock_difference{10};

std::string seconds(Time time) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count());
}

std::string lower(std::string code) {
  std::ranges::transform(code, code.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return code;
}

void add(Fields& fields, std::string name, std::optional<std::string> value) {
  if (value) fields.emplace_back(std::move(name), std::move(*value));
}

/// So that an intent tells its fee and its method, by itself or in a list (`data.`).
void expand_intent(Fields& fields, std::string const& where = "") {
  fields.emplace_back("expand[0]", where + "latest_charge.balance_transaction");
  fields.emplace_back("expand[1]", where + "payment_method");
}

void add_billing(Fields& fields, std::string const& type, Billing const& billing) {
  std::string const data = "payment_method_data";
  std::string const details = data + "[billing_details]";
  fields.emplace_back(data + "[type]", type);
  if (!billing.name.empty()) fields.emplace_back(details + "[name]", billing.name);
  if (!billing.email.empty()) fields.emplace_back(details + "[email]", billing.email);
  if (type != "boleto") return;
  fields.emplace_back(data + "[boleto][tax_id]", billing.tax_id);
  fields.emplace_back(details + "[address][line1]", billing.line1);
  fields.emplace_back(details + "[address][city]", billing.city);
  fields.emplace_back(details + "[address][state]", billing.state);
  fields.emplace_back(details + "[address][postal_code]", billing.postal_code);
  fields.emplace_back(details + "[address][country]", "BR");
}

class Stripe final : public Gateway {
 public:
  explicit Stripe(StripeSettings settings) : api_(std::move(settings)) {}

  Task<std::string> create_customer(NewCustomer customer, std::string idempotency_key) override {
    Fields fields;
    add(fields, "email", customer.email);
    fields.emplace_back("name", customer.name);
    fields.emplace_back("metadata[client_id]", customer.client_id);
    co_return read_customer(co_await api_.post("/v1/customers", fields, idempotency_key)).id;
  }

  Task<> update_customer(std::string gateway_id, std::optional<std::string> email, std::optional<std::string> name,
                         std::string idempotency_key) override {
    Fields fields;
    add(fields, "email", std::move(email));
    add(fields, "name", std::move(name));
    co_await api_.post(path_to("customers", gateway_id), fields, idempotency_key);
  }

  Task<> delete_customer(std::string gateway_id) override {
    try {
      co_await api_.remove(path_to("customers", gateway_id));
    } catch (GatewayRefused const& refused) {
      if (refused.code() != "resource_missing") throw;
    }
  }

  Task<std::optional<std::string>> find_customer(NewCustomer customer) override {
    Fields query{{"created[gte]", seconds(customer.created_at - clock_difference)}};
    add(query, "email", customer.email);
    auto const found = co_await first("/v1/customers", query, read_customer, [&](GatewayCustomer const& candidate) {
      return candidate.client_id == customer.client_id;
    });
    co_return found ? std::optional(found->id) : std::nullopt;
  }

  Task<std::optional<GatewayCustomer>> get_customer(std::string gateway_id) override {
    co_return co_await find("customers", gateway_id, {}, read_customer);
  }

  Task<std::vector<GatewayCustomer>> list_customers(Time from) override {
    co_return co_await all("/v1/customers", {{"created[gte]", seconds(from)}}, read_customer);
  }

  Task<Intent> create_intent(NewIntent intent, std::string idempotency_key) override {
    Fields fields{{"amount", std::to_string(intent.amount)},
                  {"currency", lower(intent.currency)},
                  {"metadata[payment_id]", intent.payment_id},
                  {"payment_method_types[0]", intent.method_type}};
    if (intent.manual_capture) fields.emplace_back("capture_method", "manual");
    add(fields, "customer", intent.customer);
    add(fields, "description", intent.description);
    add(fields, "payment_method", intent.payment_method);
    if (intent.billing) add_billing(fields, intent.method_type, *intent.billing);
    expand_intent(fields);
    co_return read_intent(co_await api_.post("/v1/payment_intents", fields, idempotency_key));
  }

  Task<Intent> confirm_intent(std::string id, std::optional<std::string> payment_method,
                              std::optional<std::string> return_url, std::string idempotency_key) override {
    Fields fields;
    add(fields, "payment_method", std::move(payment_method));
    add(fields, "return_url", std::move(return_url));
    expand_intent(fields);
    try {
      co_return read_intent(co_await api_.post(path_to("payment_intents", id, "confirm"), fields, idempotency_key));
    } catch (StripeRefused const& refused) {
      auto const& declined = object_at(refused.error(), "payment_intent");
      if (refused.fault().status != 402 || declined.empty()) throw;
      co_return read_intent(declined);
    }
  }

  Task<Intent> capture_intent(std::string id, std::optional<std::int64_t> amount,
                              std::string idempotency_key) override {
    Fields fields;
    if (amount) fields.emplace_back("amount_to_capture", std::to_string(*amount));
    expand_intent(fields);
    co_return read_intent(co_await api_.post(path_to("payment_intents", id, "capture"), fields, idempotency_key));
  }

  Task<Intent> cancel_intent(std::string id, std::string idempotency_key) override {
    Fields fields;
    expand_intent(fields);
    co_return read_intent(co_await api_.post(path_to("payment_intents", id, "cancel"), fields, idempotency_key));
  }

  Task<std::optional<Intent>> find_intent(std::string id) override {
    Fields query;
    expand_intent(query);
    co_return co_await find("payment_intents", id, query, read_intent);
  }

  Task<std::optional<Intent>> find_intent_of(std::string payment_id, Time not_before) override {
    Fields query{{"created[gte]", seconds(not_before - clock_difference)}};
    expand_intent(query, "data.");
    co_return co_await first("/v1/payment_intents", query, read_intent,
                             [&](Intent const& intent) { return intent.payment_id == payment_id; });
  }

  Task<std::vector<Intent>> list_intents(Time from, Time until) override {
    Fields query{{"created[gte]", seconds(from)}, {"created[lt]", seconds(until)}};
    expand_intent(query, "data.");
    co_return co_await all("/v1/payment_intents", query, read_intent);
  }

  Task<GatewayRefund> create_refund(NewRefund refund, std::string idempotency_key) override {
    Fields fields{{"payment_intent", refund.intent},
                  {"amount", std::to_string(refund.amount)},
                  {"metadata[refund_id]", refund.refund_id}};
    add(fields, "reason", refund.reason);
    co_return read_refund(co_await api_.post("/v1/refunds", fields, idempotency_key));
  }

  Task<std::optional<GatewayRefund>> find_refund(std::string id) override {
    co_return co_await find("refunds", id, {}, read_refund);
  }

  Task<std::optional<GatewayRefund>> find_refund_of(std::string intent, std::string refund_id) override {
    co_return co_await first("/v1/refunds", {{"payment_intent", intent}}, read_refund,
                             [&](GatewayRefund const& refund) { return refund.refund_id == refund_id; });
  }

  Task<std::vector<GatewayRefund>> list_refunds(std::string intent) override {
    co_return co_await all("/v1/refunds", {{"payment_intent", intent}}, read_refund);
  }

  Task<std::optional<GatewayDispute>> find_dispute(std::string id) override {
    co_return co_await find("disputes", id, {}, read_dispute);
  }

  Task<std::vector<GatewayDispute>> list_disputes(Time from) override {
    co_return co_await all("/v1/disputes", {{"created[gte]", seconds(from)}}, read_dispute);
  }

  Task<GatewayCheckout> create_checkout(NewCheckout checkout, std::string idempotency_key) override {
    Fields fields{{"mode", "payment"},
                  {"line_items[0][quantity]", "1"},
                  {"line_items[0][price_data][currency]", lower(checkout.currency)},
                  {"line_items[0][price_data][unit_amount]", std::to_string(checkout.amount)},
                  {"line_items[0][price_data][product_data][name]", checkout.name},
                  {"metadata[payment_id]", checkout.payment_id},
                  {"payment_intent_data[metadata][payment_id]", checkout.payment_id},
                  {"success_url", checkout.success_url},
                  {"cancel_url", checkout.cancel_url},
                  {"expires_at", seconds(checkout.expires_at)}};
    if (checkout.manual_capture) fields.emplace_back("payment_intent_data[capture_method]", "manual");
    add(fields, "customer", checkout.customer);
    co_return read_checkout(co_await api_.post("/v1/checkout/sessions", fields, idempotency_key));
  }

  Task<std::optional<GatewayCheckout>> find_checkout(std::string id) override {
    co_return co_await find("checkout/sessions", id, {}, read_checkout);
  }

  /// The list takes no `created`, but has the newest first.
  Task<std::optional<GatewayCheckout>> find_checkout_of(std::string payment_id, Time not_before) override {
    auto const oldest = std::chrono::floor<std::chrono::seconds>(not_before - clock_difference);
    std::optional<GatewayCheckout> found;
    co_await api_.each("/v1/checkout/sessions", {}, [&](json::Object const& object) {
      auto checkout = read_checkout(object);
      if (checkout.payment_id == payment_id) found = std::move(checkout);
      return !found && time_at(object, "created") >= oldest;
    });
    co_return found;
  }

  Task<> expire_checkout(std::string id, std::string idempotency_key) override {
    std::exception_ptr refusal;
    try {
      co_await api_.post(path_to("checkout/sessions", id, "expire"), {}, idempotency_key);
    } catch (GatewayRefused const& refused) {
      if (refused.reason() == GatewayRefused::Reason::key) throw;
      refusal = std::current_exception();
    }
    if (!refusal) co_return;
    auto const checkout = co_await find_checkout(id);
    if (checkout && checkout->status == "open") std::rethrow_exception(refusal);
  }

  Task<std::vector<GatewayEvent>> list_events(Time from, std::optional<std::string> type, bool undelivered) override {
    Fields query{{"created[gte]", seconds(from)}};
    add(query, "type", std::move(type));
    if (undelivered) query.emplace_back("delivery_success", "false");
    co_return co_await all("/v1/events", query, read_event);
  }

  Task<std::vector<BalanceTransaction>> list_balance_transactions(Time from, Time until) override {
    co_return co_await all("/v1/balance_transactions",
                           {{"created[gte]", seconds(from)}, {"created[lt]", seconds(until)}},
                           read_balance_transaction);
  }

 private:
  template <class T>
  using Read = T (*)(json::Object const&);

  template <class T>
  Task<std::optional<T>> find(std::string collection, std::string id, Fields query, Read<T> read) {
    try {
      co_return read(co_await api_.get(path_to(collection, id), query));
    } catch (GatewayRefused const& refused) {
      if (refused.code() != "resource_missing") throw;
    }
    co_return std::nullopt;
  }

  /// Through a list, which is up to date, and not through search, which lags.
  template <class T, class Wanted>
  Task<std::optional<T>> first(std::string path, Fields query, Read<T> read, Wanted wanted) {
    std::optional<T> found;
    co_await api_.each(path, query, [&](json::Object const& object) {
      auto candidate = read(object);
      if (wanted(candidate)) found = std::move(candidate);
      return !found;
    });
    co_return found;
  }

  template <class T>
  Task<std::vector<T>> all(std::string path, Fields query, Read<T> read) {
    std::vector<T> objects;
    co_await api_.each(path, query, [&](json::Object const& object) {
      objects.push_back(read(object));
      return true;
    });
    co_return objects;
  }

  StripeApi api_;
};

}  // namespace

std::unique_ptr<Gateway> make_stripe(StripeSettings settings) { return std::make_unique<Stripe>(std::move(settings)); }

}  // namespace balcao::payments
