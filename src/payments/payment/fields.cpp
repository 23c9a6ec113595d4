#include "payments/payment/fields.hpp"

#include <algorithm>
#include <array>

namespace balcao::payments {
namespace {

constexpr std::array<std::string_view, 3> refund_reasons{"duplicate", "fraudulent", "requested_by_customer"};

}  // namespace

std::expected<CaptureMethod, Text> CaptureMethod::parse(std::string_view text) {
  if (text == "automatic" || text == "manual") return CaptureMethod(std::string(text));
  return std::unexpected(Text{"must be automatic or manual", "deve ser automatic ou manual"});
}

json::Value CaptureMethod::schema() {
  return {{"type", "string"}, {"enum", json::Array{"automatic", "manual"}}, {"default", "automatic"}};
}

std::expected<RefundReason, Text> RefundReason::parse(std::string_view text) {
  if (std::ranges::find(refund_reasons, text) != refund_reasons.end()) return RefundReason(std::string(text));
  return std::unexpected(Text{"must be duplicate, fraudulent or requested_by_customer",
                              "deve ser duplicate, fraudulent ou requested_by_customer"});
}

json::Value RefundReason::schema() {
  return {{"type", "string"}, {"enum", json::Array(refund_reasons.begin(), refund_reasons.end())}};
}

}  // namespace balcao::payments
