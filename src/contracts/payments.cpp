#include "contracts/payments.hpp"

#include "contracts/remote.hpp"
#include "platform/json/describe.hpp"

namespace balcao::contracts {

BOOST_DESCRIBE_STRUCT(Customer, (), (id, status, gateway_id, created_at))
BOOST_DESCRIBE_STRUCT(Payment, (), (id, amount, currency, status, created_at))
BOOST_DESCRIBE_STRUCT(Account, (), (customer, payments))

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

constexpr std::string_view account_path = "/internal/payments/users/{id}";
constexpr std::string_view customer_path = "/internal/payments/users/{id}/customer";

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

class RemotePayments final : public Payments {
 public:
  RemotePayments(std::string base_url, ServiceTokens const& tokens)
      : remote_("Payments", std::move(base_url), tokens) {}

  Task<> ensure_customer(NewUser user) override {
    co_await remote_.put(at(customer_path, user.id), json::encode(CustomerRequest{std::move(user.username)}), {});
  }

  Task<> forget_user(Uuid user) override { co_await remote_.remove(at(account_path, user), {}); }

  Task<Account> account_of(Uuid user, http::Trace trace) override {
    co_return remote_.read<Account>(co_await remote_.get(at(account_path, user), std::move(trace)));
  }

 private:
  Remote remote_;
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
  };
}

std::unique_ptr<Payments> remote_payments(std::string base_url, ServiceTokens const& tokens) {
  return std::make_unique<RemotePayments>(std::move(base_url), tokens);
}

}  // namespace balcao::contracts
