#include "sandbox/customers/resource.hpp"

#include <algorithm>

#include "sandbox/transport/fields.hpp"
#include "sandbox/transport/list.hpp"
#include "sandbox/transport/object_id.hpp"

namespace balcao::sandbox::customers {
namespace {

constexpr std::int64_t largest_balance = 99'999'999;

void apply_address(Parameters& parameters, json::Object& resource) {
  if (parameters.take_unset("address")) {
    resource["address"] = nullptr;
  } else if (auto address = parameters.object("address")) {
    resource["address"] = read_address(std::move(*address));
  }
}

void apply_invoice_prefix(Parameters& parameters, json::Object& resource) {
  auto const prefix = parameters.text("invoice_prefix", 12);
  if (!prefix || prefix->is_null()) return;
  auto const& text = prefix->get_string();
  bool const fits = text.size() >= 3 &&
                    std::ranges::all_of(text, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
  if (!fits) {
    throw ApiError::invalid("Invalid invoice_prefix: must be 3 to 12 uppercase letters or numbers", "invoice_prefix");
  }
  resource["invoice_prefix"] = *prefix;
}

/// Whether a CPF or CNPJ has as many digits as it must; its usual punctuation does not count.
bool has_digits(std::string_view value, std::ptrdiff_t count) {
  bool const known = value.find_first_not_of("0123456789.-/") == value.npos;
  return known && std::ranges::count_if(value, [](char c) { return c >= '0' && c <= '9'; }) == count;
}

/// `br_cpf`, `eu_vat`: two letters of a country or a union, and what it calls the number.
bool is_tax_id_type(std::string_view type) {
  auto const is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return type.size() > 3 && is_lower(type[0]) && is_lower(type[1]) && type[2] == '_';
}

std::string country_of(std::string_view tax_id_type) {
  std::string country(tax_id_type.substr(0, 2));
  for (char& letter : country) letter = static_cast<char>(letter - 'a' + 'A');
  return country;
}

}  // namespace

json::Object blank_resource(std::string const& id, Time now) {
  json::Object const invoice_settings{{"custom_fields", nullptr},
                                      {"default_payment_method", nullptr},
                                      {"footer", nullptr},
                                      {"rendering_options", nullptr}};
  return {{"id", id},
          {"object", "customer"},
          {"address", nullptr},
          {"balance", 0},
          {"created", to_unix(now)},
          {"currency", nullptr},
          {"default_source", nullptr},
          {"delinquent", false},
          {"description", nullptr},
          {"discount", nullptr},
          {"email", nullptr},
          {"invoice_prefix", random_text(8, "0123456789ABCDEF")},
          {"invoice_settings", invoice_settings},
          {"livemode", false},
          {"metadata", json::Object{}},
          {"name", nullptr},
          {"next_invoice_sequence", 1},
          {"phone", nullptr},
          {"preferred_locales", json::Array{}},
          {"shipping", nullptr},
          {"tax_exempt", "none"},
          {"test_clock", nullptr}};
}

json::Object deleted_resource(std::string const& id) { return {{"id", id}, {"object", "customer"}, {"deleted", true}}; }

void apply(Parameters& parameters, json::Object& resource) {
  apply_address(parameters, resource);
  apply_email(parameters, resource);
  apply_invoice_prefix(parameters, resource);
  apply_metadata(parameters, resource);
  apply_shipping(parameters, resource);
  if (auto const name = parameters.text("name", 256)) resource["name"] = *name;
  if (auto const description = parameters.text("description")) resource["description"] = *description;
  if (auto const phone = parameters.text("phone", 20)) resource["phone"] = *phone;
  if (auto const balance = parameters.integer("balance", -largest_balance, largest_balance)) {
    resource["balance"] = *balance;
  }
  if (auto const exempt = parameters.choice("tax_exempt", {"none", "exempt", "reverse"})) {
    resource["tax_exempt"] = exempt->is_null() ? json::Value("none") : *exempt;
  }
  if (parameters.has("preferred_locales")) {
    json::Array locales;
    for (auto const& locale : parameters.texts("preferred_locales")) locales.emplace_back(locale);
    resource["preferred_locales"] = std::move(locales);
  }
}

json::Array read_tax_ids(Parameters& parameters, std::string const& customer, Time now) {
  json::Array tax_ids;
  for (auto& data : parameters.objects("tax_id_data")) {
    auto const type = data.required_text("type");
    auto const value = data.required_text("value");
    if (!is_tax_id_type(type)) throw ApiError::invalid("Invalid type", data.full_name("type"));
    bool const wrong = (type == "br_cpf" && !has_digits(value, 11)) || (type == "br_cnpj" && !has_digits(value, 14));
    if (wrong) throw ApiError::invalid("Invalid value for " + type + ".", data.full_name("value"), "tax_id_invalid");
    data.refuse_unknown();
    tax_ids.push_back(
        {{"id", new_object_id("txi_")},
         {"object", "tax_id"},
         {"country", country_of(type)},
         {"created", to_unix(now)},
         {"customer", customer},
         {"livemode", false},
         {"type", type},
         {"value", value},
         {"verification", {{"status", "pending"}, {"verified_address", nullptr}, {"verified_name", nullptr}}}});
  }
  return tax_ids;
}

}  // namespace balcao::sandbox::customers
