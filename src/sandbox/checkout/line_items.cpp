#include "sandbox/checkout/line_items.hpp"

#include "sandbox/payment_intents/money.hpp"
#include "sandbox/transport/list.hpp"
#include "sandbox/transport/object_id.hpp"

namespace balcao::sandbox::checkout {
namespace {

constexpr std::size_t most_items = 100;
constexpr std::int64_t largest_quantity = 999'999;
constexpr std::int64_t largest_amount = 99'999'999;

ApiError missing(Parameters const& parameters, std::string_view name) {
  auto const full = parameters.full_name(name);
  return ApiError::invalid("Missing required param: " + full + ".", full, "parameter_missing");
}

struct Price {
  json::Object resource;
  std::string name;
  std::string currency;
  std::int64_t unit_amount;
};

Price read_price(Parameters data, Time now) {
  auto const currency = payment_intents::read_currency(data);
  auto const amount = data.integer("unit_amount", 0, largest_amount);
  if (!amount) throw missing(data, "unit_amount");
  auto product = data.object("product_data");
  if (!product) throw missing(data, "product_data");
  auto name = product->required_text("name");
  product->text("description", 40'000);
  product->texts("images");
  if (!product->take_unset("metadata")) product->object("metadata");
  product->text("tax_code");
  product->refuse_unknown();
  auto const behaviour = data.choice("tax_behavior", {"exclusive", "inclusive", "unspecified"});
  data.refuse_unknown();
  json::Object resource{{"id", new_object_id("price_1")},
                        {"object", "price"},
                        {"active", false},
                        {"billing_scheme", "per_unit"},
                        {"created", to_unix(now)},
                        {"currency", currency},
                        {"custom_unit_amount", nullptr},
                        {"livemode", false},
                        {"lookup_key", nullptr},
                        {"metadata", json::Object{}},
                        {"nickname", nullptr},
                        {"product", new_object_id("prod_")},
                        {"recurring", nullptr},
                        {"tax_behavior", behaviour.value_or("unspecified")},
                        {"tiers_mode", nullptr},
                        {"transform_quantity", nullptr},
                        {"type", "one_time"},
                        {"unit_amount", *amount},
                        {"unit_amount_decimal", std::to_string(*amount)}};
  return {std::move(resource), std::move(name), currency, *amount};
}

}  // namespace

LineItems read_line_items(Parameters& parameters, Time now) {
  LineItems items;
  auto sent = parameters.objects("line_items");
  if (sent.empty()) throw missing(parameters, "line_items");
  if (sent.size() > most_items) throw ApiError::invalid("There are at most 100 line items.", "line_items");
  for (auto& item : sent) {
    auto data = item.object("price_data");
    if (!data) {
      throw ApiError::invalid("The sandbox keeps no prices: say it with `price_data`.", item.full_name("price_data"),
                              "parameter_missing");
    }
    auto const quantity = item.integer("quantity", 1, largest_quantity);
    if (!quantity) throw missing(item, "quantity");
    if (!item.take_unset("adjustable_quantity")) item.object("adjustable_quantity");
    item.refuse_unknown();
    auto price = read_price(std::move(*data), now);
    if (items.currency.empty()) items.currency = price.currency;
    if (items.currency != price.currency) {
      throw ApiError::invalid("All line items must have the same currency.", "line_items");
    }
    auto const amount = price.unit_amount * *quantity;
    items.total += amount;
    if (items.total > largest_amount) {
      throw ApiError::invalid("The Checkout Session's total amount must be no more than eight digits.", "line_items",
                              "amount_too_large");
    }
    items.data.push_back({{"id", new_object_id("li_1")},
                          {"object", "item"},
                          {"amount_discount", 0},
                          {"amount_subtotal", amount},
                          {"amount_tax", 0},
                          {"amount_total", amount},
                          {"currency", items.currency},
                          {"description", price.name},
                          {"price", std::move(price.resource)},
                          {"quantity", *quantity}});
  }
  return items;
}

}  // namespace balcao::sandbox::checkout
