#include "payments/refunds/model.hpp"

#include "payments/payment/words.hpp"

namespace balcao::payments {
namespace {

bool is_over(Refund::Status status) { return status == Refund::Status::failed || status == Refund::Status::canceled; }

}  // namespace

std::string_view status_of(Refund const& refund) {
  return refund.status ? refund_words.word(*refund.status) : "unknown";
}

RefundChange take_over(Refund refund, GatewayRefund const& told, Time now) {
  auto const before = refund.status;
  bool const succeeded = before == Refund::Status::succeeded;
  bool const stale = before && (is_over(*before) || (succeeded && !is_over(told.status)));
  if (stale || before == told.status) return {std::move(refund), false, 0, {}};

  refund.gateway_id = told.id;
  refund.status = told.status;
  if (!told.failure_reason.empty()) refund.failure_reason = told.failure_reason;
  refund.updated_at = now;
  refund.retry_at.reset();
  std::vector<Transfer> transfers;
  auto const book = [&](std::string_view what, std::string_view debit, std::string_view credit) {
    transfers.push_back(
        {refund.payment, std::string(what) + ":" + refund.id.str(), debit, credit, refund.amount, refund.currency});
  };
  if (told.status == Refund::Status::succeeded) book("refund", accounts::refunds, accounts::gateway);
  if (succeeded) book("refund_failed", accounts::gateway, accounts::refunds);
  auto const given_back = is_over(told.status) ? refund.amount : 0;
  return {std::move(refund), true, given_back, std::move(transfers)};
}

}  // namespace balcao::payments
