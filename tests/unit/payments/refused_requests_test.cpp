#include "payments_fixture.hpp"

namespace balcao::payments::test {
namespace {

// Requests about a payment that are refused before the gateway is asked.

class RefusedPaymentRequests : public PaymentsTest {
 protected:
  template <class T>
  std::string refusal_of(Task<T> task) {
    try {
      run(std::move(task));
      return "";
    } catch (Problem const& problem) {
      return std::string(problem.type().code);
    }
  }

  /// One whose money the gateway holds for us.
  void authorise() {
    NewPayment wanted{.amount = 1000, .currency = "BRL", .pay_with = PayWith{"card", "pm_card_visa", {}}};
    run(service->payments.create(owner, std::move(wanted), {owner.id.uuid, "k", "f"}));
    gateway.intents.at("pi_1").status = Intent::Status::requires_capture;
    clock.advance(std::chrono::seconds(21));
    run(service->payments.refresh("pi_1"));
    ASSERT_EQ(only_payment().status, Intent::Status::requires_capture);
  }
  Task<KeptAnswer> capture(std::int64_t amount) {
    return service->payments.capture(owner, only_payment().id, amount, std::nullopt);
  }
};

TEST_F(RefusedPaymentRequests, NoMoreIsCapturedThanWasAuthorised) {
  authorise();
  EXPECT_EQ(refusal_of(capture(1001)), "invalid_fields");
  EXPECT_EQ(ask_number("SELECT count(*) FROM payments.attempts WHERE kind = 'capture'"), 0);
}

TEST_F(RefusedPaymentRequests, NobodyPaysAsAnothersClient) {
  NewPayment wanted{
      .amount = 1000, .currency = "BRL", .pay_with = PayWith{"card", "pm_card_visa", {}}, .confirm = true};
  Actor const other{Id<Owner>::make(clock.now()), false};
  gateway.on.create_customer = [](auto const&...) { return std::string("cus_1"); };
  auto const client =
      run(service->clients.create(other, Email::parse("bia@example.com").value(), ClientName::parse("Bia").value()));
  wanted.client = client.id;
  EXPECT_EQ(refusal_of(service->payments.create(owner, wanted, {owner.id.uuid, "k", "f"})), "invalid_fields");
  EXPECT_TRUE(gateway.intents.empty());
  EXPECT_EQ(run(service->payments.create(other, wanted, {other.id.uuid, "k", "f"})).status, 201);
}

}  // namespace
}  // namespace balcao::payments::test
