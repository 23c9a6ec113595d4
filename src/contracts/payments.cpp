#include "contracts/payments.hpp"

#include "contracts/remote.hpp"
#include "platform/json/describe.hpp"

namespace balcao::contracts {

BOOST_DESCRIBE_STRUCT(Customer, (), (id, status, gateway_id, created_at))
BOOST_DESCRIBE_STRUCT(Payment, (), (id, amount, currency, status, created_at))
BOOST_DESCRIBE_STRUCT(Account, (), (customer, payments))
BOOST_DESCRIBE_STRUCT(Bill, (), (order, owner, amount, currency, description))
BOOST_DESCRIBE_STRUCT(PaymentFault, (), (code, decline_code, message))
BOOST_DESCRIBE_STRUCT(PaymentOfOrder, (), (id, status, amount_captured, amount_refunded, refund_pending, decline))
BOOST_DESCRIBE_STRUCT(Settlement, (), (payment, refused))

namespace {

using http::Access;
using http::Method;
using http::NoContent;
using http::Ok;

struct User;

struct CustomerRequest {
  std::string username;
};
BOOST_DESCRIBE_STRUCT(CustomerRequest, (), (username))

struct Order;

struct PayOrderRequest {
  Bill bill;
  PayWith pay_with;
  std::optional<std::string> return_url;
};
BOOST_DESCRIBE_STRUCT(PayOrderRequest, (), (bill, pay_with, return_url))

struct CallOffRequest {
  Bill bill;
};
BOOST_DESCRIBE_STRUCT(CallOffRequest, (), (bill))

struct RefundOrderRequest {
  Uuid refund;
};
BOOST_DESCRIBE_STRUCT(RefundOrderRequest, (), (refund))

constexpr std::string_view account_path = "/internal/payments/users/{id}";
constexpr std::string_view customer_path = "/internal/payments/users/{id}/customer";
constexpr std::string_view order_path = "/internal/payments/orders/{id}/payment";
constexpr std::string_view called_off_path = "/internal/payments/orders/{id}/called-off";
constexpr std::string_view order_refund_path = "/internal/payments/orders/{id}/refund";

Task<Ok<Account>> answer_account(Payments& payments, http::Path<"id", Id<User>> id, http::Asker asker) {
  co_return Ok<Account>{co_await payments.account_of(id.value.uuid, std::move(asker.trace))};
}

Task<NoContent> answer_customer(Payments& payments, http::Path<"id", Id<User>> id, http::Body<CustomerRequest> body) {
  co_await payments.ensure_customer({id.value.uuid, std::move(body.value.username)});
  co_return NoContent{};
}

Task<NoContent> answer_forget(Payments& payments, http::Path<"id", Id<User>> id) {
  co_await payments.forget_user(id.value.uuid);
  co_return NoContent{};
}

Task<Ok<Settlement>> answer_pay(Payments& payments, http::Path<"id", Id<Order>> id, http::Body<PayOrderRequest> body) {
  auto& [bill, with, return_url] = body.value;
  bill.order = id.value.uuid;
  co_return Ok<Settlement>{co_await payments.pay_order(std::move(bill), std::move(with), std::move(return_url))};
}

Task<Ok<Settlement>> answer_payment(Payments& payments, http::Path<"id", Id<Order>> id) {
  co_return Ok<Settlement>{co_await payments.payment_of_order(id.value.uuid)};
}

Task<Ok<Settlement>> answer_call_off(Payments& payments, http::Path<"id", Id<Order>> id,
                                     http::Body<CallOffRequest> body) {
  body.value.bill.order = id.value.uuid;
  co_return Ok<Settlement>{co_await payments.call_off(std::move(body.value.bill))};
}

Task<Ok<Settlement>> answer_refund(Payments& payments, http::Path<"id", Id<Order>> id,
                                   http::Body<RefundOrderRequest> body) {
  co_return Ok<Settlement>{co_await payments.refund_order(id.value.uuid, body.value.refund)};
}

class RemotePayments final : public Payments {
 public:
  RemotePayments(std::string base_url, ServiceTokens const& tokens)
      : remote_("Payments", base_url, tokens),
        gateway_("Payments", std::move(base_url), tokens, Remote::gateway_patience) {}

  Task<> ensure_customer(NewUser user) override {
    co_await remote_.put(at(customer_path, user.id), json::encode(CustomerRequest{std::move(user.username)}), {});
  }

  Task<> forget_user(Uuid user) override { co_await remote_.remove(at(account_path, user), {}); }

  Task<Account> account_of(Uuid user, http::Trace trace) override {
    co_return remote_.read<Account>(co_await remote_.get(at(account_path, user), std::move(trace)));
  }

  Task<Settlement> pay_order(Bill bill, PayWith with, std::optional<std::string> return_url) override {
    auto const path = at(order_path, bill.order);
    auto body = json::encode(PayOrderRequest{std::move(bill), std::move(with), std::move(return_url)});
    co_return gateway_.read<Settlement>(co_await gateway_.put(path, std::move(body), {}));
  }

  Task<Settlement> payment_of_order(Uuid order) override {
    co_return remote_.read<Settlement>(co_await remote_.get(at(order_path, order), {}));
  }

  Task<Settlement> call_off(Bill bill) override {
    auto const path = at(called_off_path, bill.order);
    auto body = json::encode(CallOffRequest{std::move(bill)});
    co_return gateway_.read<Settlement>(co_await gateway_.put(path, std::move(body), {}));
  }

  Task<Settlement> refund_order(Uuid order, Uuid refund) override {
    auto body = json::encode(RefundOrderRequest{refund});
    co_return gateway_.read<Settlement>(co_await gateway_.put(at(order_refund_path, order), std::move(body), {}));
  }

 private:
  Remote remote_;
  Remote gateway_;  ///< what waits for the gateway
};

}  // namespace

http::Endpoints endpoints(Payments& payments) {
  auto const tag = "Payments";
  return {
      http::endpoint(Method::get, account_path, Access::service,
                     {tag, "internalAccount", "What Payments knows of a user"}, payments, answer_account),
      http::endpoint(Method::del, account_path, Access::service,
                     {tag, "internalForgetUser", "Erase what is known of a user"}, payments, answer_forget),
      http::endpoint(Method::put, customer_path, Access::service,
                     {tag, "internalCustomer", "See to it that a user has a customer"}, payments, answer_customer),
      http::endpoint(Method::put, order_path, Access::service, {tag, "internalPayOrder", "Pay an order, exactly once"},
                     payments, answer_pay),
      http::endpoint(Method::get, order_path, Access::service,
                     {tag, "internalPaymentOfOrder", "How the payment of an order is"}, payments, answer_payment),
      http::endpoint(Method::put, called_off_path, Access::service,
                     {tag, "internalCallOff", "See to it that an order is not paid any more"}, payments,
                     answer_call_off),
      http::endpoint(Method::put, order_refund_path, Access::service,
                     {tag, "internalRefundOrder", "Give back what was paid for an order"}, payments, answer_refund),
  };
}

std::unique_ptr<Payments> remote_payments(std::string base_url, ServiceTokens const& tokens) {
  return std::make_unique<RemotePayments>(std::move(base_url), tokens);
}

}  // namespace balcao::contracts
