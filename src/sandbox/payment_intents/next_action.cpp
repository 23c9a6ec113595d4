#include "sandbox/payment_intents/next_action.hpp"

#include "sandbox/payment_intents/boleto_number.hpp"
#include "sandbox/pix/br_code.hpp"

namespace balcao::sandbox::payment_intents {
namespace {

using namespace std::chrono_literals;

constexpr auto brasilia = -3h;
constexpr std::string_view pix = "pix_display_qr_code";
constexpr std::string_view boleto = "boleto_display_details";

std::int64_t option(Object const& intent, std::string_view method, std::string_view name, std::int64_t otherwise) {
  auto const& all = intent.resource.at("payment_method_options").as_object();
  auto const* options = all.if_contains(method);
  auto const* value = options && options->is_object() ? options->get_object().if_contains(name) : nullptr;
  return value && value->is_int64() ? value->get_int64() : otherwise;
}

/// A boleto is good until the end of its last day in Brasília.
Time end_of_day(Time now, std::int64_t days) {
  auto const today = std::chrono::floor<std::chrono::days>(now + brasilia);
  return today + std::chrono::days(days + 1) - brasilia - 1s;
}

}  // namespace

json::Object next_action(Object const& intent, Object const& method, std::optional<std::string> const& return_url,
                         Setting const& setting) {
  auto const type = method.text("type");
  auto const page = std::string(setting.address) + "/_sandbox/pay/" + intent.id();
  if (type == "pix") {
    auto const image = std::string(setting.address) + "/_sandbox/pix/" + intent.id();
    auto const seconds = option(intent, "pix", "expires_after_seconds", 4 * 60 * 60);
    auto const expires = option(intent, "pix", "expires_at", to_unix(setting.now) + seconds);
    auto const code = br_code(intent.id(), intent.number("amount"), "Balcao Sandbox", "Sao Paulo");
    return {{"type", pix},
            {pix,
             {{"data", code},
              {"expires_at", expires},
              {"hosted_instructions_url", page},
              {"image_url_png", image + ".png"},
              {"image_url_svg", image + ".svg"}}}};
  }
  if (type == "boleto") {
    auto const expires = end_of_day(setting.now, option(intent, "boleto", "expires_after_days", 3));
    return {{"type", boleto},
            {boleto,
             {{"expires_at", to_unix(expires)},
              {"hosted_voucher_url", page},
              {"number", boleto_number(intent.number("amount"), expires, intent.id())},
              {"pdf", page}}}};
  }
  if (return_url) {
    return {{"type", "redirect_to_url"}, {"redirect_to_url", {{"return_url", *return_url}, {"url", page}}}};
  }
  return {{"type", "use_stripe_sdk"},
          {"use_stripe_sdk",
           {{"type", "three_d_secure_redirect"}, {"source", method.resource.at("id")}, {"stripe_js", page}}}};
}

std::optional<std::int64_t> expires_at(Object const& intent) {
  auto const* action = intent.resource.at("next_action").if_object();
  if (!action) return std::nullopt;
  auto const& details = action->at(objects::text_of(*action, "type")).as_object();
  auto const* moment = details.if_contains("expires_at");
  return moment ? std::optional(moment->as_int64()) : std::nullopt;
}

}  // namespace balcao::sandbox::payment_intents
