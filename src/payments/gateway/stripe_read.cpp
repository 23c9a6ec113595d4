#include "payments/gateway/stripe_read.hpp"

#include <algorithm>

#include "payments/gateway/gateway.hpp"

namespace balcao::payments {
namespace {

std::int64_t number_at(json::Object const& object, std::string_view name) {
  auto const* member = object.if_contains(name);
  auto const* number = member ? member->if_int64() : nullptr;
  return number ? *number : 0;
}

std::string currency_of(json::Object const& object) {
  auto code = text_at(object, "currency");
  std::ranges::transform(code, code.begin(), [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  return code;
}

std::string required_id(json::Object const& object) {
  auto id = text_at(object, "id");
  if (id.empty()) throw GatewayUnknown("the gateway's " + text_at(object, "object") + " has no id");
  return id;
}

template <class Status>
Status one_of(std::initializer_list<std::pair<std::string_view, Status>> names, std::string const& name, Status other) {
  auto const* found = std::ranges::find(names, name, &std::pair<std::string_view, Status>::first);
  return found == names.end() ? other : found->second;
}

Intent::Status intent_status(std::string const& name) {
  using enum Intent::Status;
  return one_of({{"requires_payment_method", requires_payment_method},
                 {"requires_confirmation", requires_confirmation},
                 {"requires_action", requires_action},
                 {"requires_capture", requires_capture},
                 {"canceled", canceled},
                 {"succeeded", succeeded}},
                name, processing);
}

GatewayRefund::Status refund_status(std::string const& name) {
  using enum GatewayRefund::Status;
  return one_of(
      {{"requires_action", requires_action}, {"succeeded", succeeded}, {"failed", failed}, {"canceled", canceled}},
      name, pending);
}

/// Of the kinds that we know, the members that the customer needs; of others, the kind.
std::optional<json::Object> next_action_of(json::Object const& intent) {
  static constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"redirect_to_url", "url"},
      {"redirect_to_url", "return_url"},
      {"pix_display_qr_code", "data"},
      {"pix_display_qr_code", "expires_at"},
      {"pix_display_qr_code", "hosted_instructions_url"},
      {"pix_display_qr_code", "image_url_png"},
      {"pix_display_qr_code", "image_url_svg"},
      {"boleto_display_details", "expires_at"},
      {"boleto_display_details", "hosted_voucher_url"},
      {"boleto_display_details", "number"},
      {"boleto_display_details", "pdf"},
  };
  auto const& action = object_at(intent, "next_action");
  auto const type = text_at(action, "type");
  if (type.empty()) return std::nullopt;
  json::Object details;
  for (auto const& [kind, member] : known) {
    auto const* value = kind == type ? object_at(action, kind).if_contains(member) : nullptr;
    if (value) details[member] = *value;
  }
  json::Object shown{{"type", type}};
  if (!details.empty()) shown[type] = std::move(details);
  return shown;
}

/// An intent forgets its payment method when it is refused; the refusal names it.
std::optional<std::string> method_of(json::Object const& intent) {
  auto const& refused = object_at(object_at(intent, "last_payment_error"), "payment_method");
  auto const& paid = object_at(object_at(intent, "latest_charge"), "payment_method_details");
  for (auto const* method : {&object_at(intent, "payment_method"), &paid, &refused}) {
    if (auto type = text_at(*method, "type"); !type.empty()) return type;
  }
  return std::nullopt;
}

std::optional<Charge> charge_of(json::Object const& intent) {
  auto id = id_at(intent, "latest_charge");
  if (id.empty()) return std::nullopt;
  auto const& object = object_at(intent, "latest_charge");
  Charge charge{std::move(id), number_at(object, "amount_captured"), number_at(object, "amount_refunded"), {}};
  auto const& booked = object_at(object, "balance_transaction");
  if (booked.contains("fee")) charge.fee = number_at(booked, "fee");
  return charge;
}

std::optional<Decline> decline_of(json::Object const& intent) {
  auto const& error = object_at(intent, "last_payment_error");
  if (error.empty()) return std::nullopt;
  return Decline{text_at(error, "code"), text_at(error, "decline_code"), text_at(error, "message")};
}

}  // namespace

std::string text_at(json::Object const& object, std::string_view name) {
  auto const* member = object.if_contains(name);
  return member && member->is_string() ? std::string(member->get_string()) : std::string();
}

Time time_at(json::Object const& object, std::string_view name) {
  constexpr std::int64_t end_of_9999 = 253'402'300'799;
  return Time(std::chrono::seconds(std::clamp<std::int64_t>(number_at(object, name), 0, end_of_9999)));
}

json::Object const& object_at(json::Object const& object, std::string_view name) {
  static json::Object const none;
  auto const* member = object.if_contains(name);
  return member && member->is_object() ? member->get_object() : none;
}

std::string id_at(json::Object const& object, std::string_view name) {
  auto id = text_at(object, name);
  return id.empty() ? text_at(object_at(object, name), "id") : id;
}

Intent read_intent(json::Object const& object) {
  return {.id = required_id(object),
          .status = intent_status(text_at(object, "status")),
          .amount = number_at(object, "amount"),
          .amount_received = number_at(object, "amount_received"),
          .currency = currency_of(object),
          .payment_id = text_at(object_at(object, "metadata"), "payment_id"),
          .method = method_of(object),
          .next_action = next_action_of(object),
          .last_error = decline_of(object),
          .charge = charge_of(object),
          .created_at = time_at(object, "created")};
}

GatewayRefund read_refund(json::Object const& object) {
  return {.id = required_id(object),
          .status = refund_status(text_at(object, "status")),
          .amount = number_at(object, "amount"),
          .currency = currency_of(object),
          .intent = id_at(object, "payment_intent"),
          .refund_id = text_at(object_at(object, "metadata"), "refund_id"),
          .failure_reason = text_at(object, "failure_reason"),
          .created_at = time_at(object, "created")};
}

GatewayDispute read_dispute(json::Object const& object) {
  return {.id = required_id(object),
          .status = text_at(object, "status"),
          .reason = text_at(object, "reason"),
          .amount = number_at(object, "amount"),
          .currency = currency_of(object),
          .intent = id_at(object, "payment_intent"),
          .created_at = time_at(object, "created")};
}

GatewayCheckout read_checkout(json::Object const& object) {
  auto const paid = text_at(object, "payment_status");
  return {.id = required_id(object),
          .url = text_at(object, "url"),
          .status = text_at(object, "status"),
          .paid = paid == "paid" || paid == "no_payment_required",
          .intent = id_at(object, "payment_intent"),
          .payment_id = text_at(object_at(object, "metadata"), "payment_id"),
          .expires_at = time_at(object, "expires_at")};
}

GatewayEvent read_event(json::Object const& object) {
  auto const& subject = object_at(object_at(object, "data"), "object");
  GatewayEvent event{.id = required_id(object),
                     .type = text_at(object, "type"),
                     .object = text_at(subject, "object"),
                     .object_id = text_at(subject, "id"),
                     .intent = id_at(subject, "payment_intent"),
                     .created_at = time_at(object, "created")};
  if (event.object == "payment_intent") event.intent = event.object_id;
  return event;
}

BalanceTransaction read_balance_transaction(json::Object const& object) {
  return {.id = required_id(object),
          .type = text_at(object, "type"),
          .source = id_at(object, "source"),
          .amount = number_at(object, "amount"),
          .fee = number_at(object, "fee"),
          .currency = currency_of(object),
          .created_at = time_at(object, "created")};
}

GatewayCustomer read_customer(json::Object const& object) {
  auto const* deleted = object.if_contains("deleted");
  return {.id = required_id(object),
          .deleted = deleted && *deleted == true,
          .email = text_at(object, "email"),
          .name = text_at(object, "name"),
          .client_id = text_at(object_at(object, "metadata"), "client_id"),
          .created_at = time_at(object, "created")};
}

}  // namespace balcao::payments
