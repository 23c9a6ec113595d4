#include "sandbox/payment_methods/resource.hpp"

#include "platform/crypto/hash.hpp"
#include "platform/tax_id.hpp"
#include "sandbox/transport/fields.hpp"
#include "sandbox/transport/list.hpp"
#include "sandbox/transport/object_id.hpp"

namespace balcao::sandbox::payment_methods {
namespace {

constexpr std::int64_t expiry_year = 2034;

json::Object blank_billing_details() {
  json::Object const address{{"city", nullptr},  {"country", nullptr},     {"line1", nullptr},
                             {"line2", nullptr}, {"postal_code", nullptr}, {"state", nullptr}};
  return {{"address", address}, {"email", nullptr}, {"name", nullptr}, {"phone", nullptr}};
}

objects::Object blank(std::string_view type, Time now) {
  return {now,
          1,
          {{"id", new_object_id("pm_1")},
           {"object", "payment_method"},
           {"billing_details", blank_billing_details()},
           {"created", to_unix(now)},
           {"customer", nullptr},
           {"livemode", false},
           {"metadata", json::Object{}},
           {"type", type}}};
}

json::Object card_details(TestCard const& card) {
  auto const fingerprint = crypto::to_hex(crypto::sha256(card.id)).substr(0, 16);
  json::Object const checks{
      {"address_line1_check", nullptr}, {"address_postal_code_check", nullptr}, {"cvc_check", "pass"}};
  return {{"brand", card.brand},
          {"checks", checks},
          {"country", card.id == "pm_card_br" ? "BR" : "US"},
          {"exp_month", 12},
          {"exp_year", expiry_year},
          {"fingerprint", fingerprint},
          {"funding", card.id.ends_with("_debit")     ? "debit"
                      : card.id.ends_with("_prepaid") ? "prepaid"
                                                      : "credit"},
          {"generated_from", nullptr},
          {"last4", card.last4},
          {"networks", {{"available", json::Array{card.brand}}, {"preferred", nullptr}}},
          {"three_d_secure_usage", {{"supported", true}}},
          {"wallet", nullptr}};
}

[[noreturn]] void throw_missing(std::string const& param) {
  throw ApiError::invalid("Missing required param: " + param + ".", param, "parameter_missing");
}

void expect_boleto_details(Parameters const& parameters, json::Object const& details) {
  auto const path = parameters.full_name("billing_details");
  for (std::string const field : {"name", "email"}) {
    if (details.at(field).is_null()) throw_missing(path + "[" + field + "]");
  }
  auto const& address = details.at("address").as_object();
  for (std::string const field : {"line1", "city", "state", "postal_code", "country"}) {
    if (address.at(field).is_null()) throw_missing(path + "[address][" + field + "]");
  }
}

std::string read_tax_id(Parameters& parameters) {
  auto boleto = parameters.object("boleto");
  if (!boleto) throw_missing(parameters.full_name("boleto") + "[tax_id]");
  auto const tax_id = boleto->required_text("tax_id");
  if (!balcao::read_tax_id(tax_id)) {
    throw ApiError::invalid("Invalid tax_id: must be a CPF or a CNPJ.", boleto->full_name("tax_id"), "tax_id_invalid");
  }
  boleto->refuse_unknown();
  return tax_id;
}

TestCard const& read_card(Parameters& parameters) {
  auto card = parameters.object("card");
  if (!card) throw_missing(parameters.full_name("card"));
  auto const token = card->required_text("token");
  auto const* known = find_card_by_token(token);
  if (!known) throw ApiError::invalid("No such token: '" + token + "'", card->full_name("token"), "resource_missing");
  card->refuse_unknown();
  return *known;
}

/// `pix` has no members; they are sent all the same, empty.
void take_empty_object(Parameters& parameters, std::string_view name) {
  if (parameters.take_unset(name)) return;
  if (auto object = parameters.object(name)) object->refuse_unknown();
}

}  // namespace

objects::Object from_card(TestCard const& card, Time now) {
  auto method = blank("card", now);
  method["card"] = card_details(card);
  return method;
}

void apply_billing_details(Parameters& parameters, json::Object& method) {
  auto sent = parameters.object("billing_details");
  if (!sent) return;
  auto& details = method["billing_details"].as_object();
  if (sent->take_unset("address")) {
    details["address"] = blank_billing_details()["address"];
  } else if (auto address = sent->object("address")) {
    details["address"] = read_address(std::move(*address));
  }
  apply_email(*sent, details);
  for (auto const* field : {"name", "phone"}) {
    if (auto const text = sent->text(field)) details[field] = *text;
  }
  sent->refuse_unknown();
}

objects::Object from_parameters(Parameters& parameters, Time now) {
  auto const type = parameters.required_text("type");
  if (type != "card" && type != "pix" && type != "boleto") {
    throw ApiError::invalid("Invalid type: must be one of card, pix, boleto", parameters.full_name("type"));
  }
  auto method = blank(type, now);
  if (type == "card") method["card"] = card_details(read_card(parameters));
  if (type == "boleto") method["boleto"] = {{"tax_id", read_tax_id(parameters)}};
  if (type == "pix") {
    take_empty_object(parameters, "pix");
    method["pix"] = json::Object{};
  }
  apply_billing_details(parameters, method.resource);
  if (type == "boleto") expect_boleto_details(parameters, method["billing_details"].as_object());
  apply_metadata(parameters, method.resource);
  parameters.choice("allow_redisplay", {"always", "limited", "unspecified"});
  take_empty_object(parameters, "radar_options");
  return method;
}

TestCard const* card_of(objects::Object const& method) {
  auto const* card = method.resource.if_contains("card");
  return card && card->is_object() ? find_card_by_last4(objects::text_of(card->get_object(), "last4")) : nullptr;
}

Choice read_choice(Parameters& parameters, Time now) {
  Choice choice;
  if (auto id = parameters.given("payment_method")) {
    auto const* card = find_card(*id);
    if (card) choice.made = from_card(*card, now);
    if (!card) choice.id = std::move(id);
  }
  if (auto data = parameters.object("payment_method_data")) {
    if (choice) {
      throw ApiError::invalid("You may only specify one of these parameters: payment_method, payment_method_data.",
                              "payment_method_data");
    }
    choice.made = from_parameters(*data, now);
    data->refuse_unknown();
  }
  return choice;
}

}  // namespace balcao::sandbox::payment_methods
