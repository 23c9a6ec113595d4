#include "sandbox/hosted/views.hpp"

#include <algorithm>
#include <vector>

#include "platform/http/html.hpp"
#include "sandbox/checkout/session.hpp"
#include "sandbox/hosted/html.hpp"
#include "sandbox/transport/web_address.hpp"

namespace balcao::sandbox::hosted {
namespace {

using http::escape_html;

struct Button {
  std::string_view value;
  Text label;
};

std::string buttons(std::string_view name, std::vector<Button> const& all, Language language) {
  std::string html = "<form method=\"post\">\n";
  bool first = true;
  for (auto const& button : all) {
    html += "<button name=\"" + std::string(name) + "\" value=\"" + std::string(button.value) + '"' +
            (first ? " class=\"main\">" : ">") + escape_html(button.label.in(language)) + "</button>\n";
    first = false;
  }
  return html + "</form>\n";
}

std::string paragraph(Text const& text, Language language) { return "<p>" + escape_html(text.in(language)) + "</p>\n"; }

std::string heading(Text const& text, Language language) { return "<h2>" + escape_html(text.in(language)) + "</h2>\n"; }

std::string amount_of(std::int64_t amount, std::string const& currency, Language language) {
  return "<p class=\"amount\">" + escape_html(money(amount, currency, language)) + "</p>\n";
}

std::string link(std::string const& target, Text const& text, Language language) {
  if (!is_web_address(target)) return {};
  return "<p><a href=\"" + escape_html(target) + "\">" + escape_html(text.in(language)) + "</a></p>\n";
}

Text const back_to_shop{"Back to the shop", "Voltar à loja"};
Text const simulate{"This is a simulation. Choose what happens:", "Isto é uma simulação. Escolha o que acontece:"};

bool takes(Object const& session, std::string_view type) {
  auto const& types = session.resource.at("payment_method_types").as_array();
  return std::ranges::find(types, json::Value(type)) != types.end();
}

std::string table_of(json::Array const& items, Language language) {
  std::string html = "<table>\n";
  for (auto const& item : items) {
    auto const& object = item.as_object();
    auto const quantity = object.at("quantity").as_int64();
    html += "<tr><td>" + escape_html(object.at("description").as_string()) +
            (quantity > 1 ? " × " + std::to_string(quantity) : "") + "</td><td>" +
            escape_html(money(object.at("amount_total").as_int64(), object.at("currency").as_string(), language)) +
            "</td></tr>\n";
  }
  return html + "</table>\n";
}

std::string ways_to_pay(Object const& session, Language language) {
  std::string html;
  if (takes(session, "card")) {
    html += heading({"Card", "Cartão"}, language) +
            buttons("method",
                    {{"card", {"Pay with a good card", "Pagar com um cartão bom"}},
                     {"card_authentication", {"Card that asks for 3-D Secure", "Cartão que pede 3-D Secure"}},
                     {"card_declined", {"Card that is declined", "Cartão recusado"}},
                     {"card_insufficient_funds", {"Card without funds", "Cartão sem saldo"}}},
                    language);
  }
  if (takes(session, "pix")) {
    html +=
        heading({"Pix", "Pix"}, language) + buttons("method", {{"pix", {"Pay with Pix", "Pagar com Pix"}}}, language);
  }
  if (takes(session, "boleto")) {
    html += heading({"Boleto", "Boleto"}, language) +
            buttons("method", {{"boleto", {"Pay with a boleto", "Pagar com boleto"}}}, language);
  }
  return html;
}

std::string why_it_failed(std::optional<Object> const& intent, Language language) {
  if (!intent || intent->text("status") != "requires_payment_method") return {};
  auto const& error = intent->resource.at("last_payment_error");
  if (!error.is_object()) return {};
  auto const code = objects::text_of(error.get_object(), "decline_code");
  Text const reason = code == "insufficient_funds" ? Text{"The card has insufficient funds.", "O cartão não tem saldo."}
                      : !code.empty()              ? Text{"The card was declined.", "O cartão foi recusado."}
                                      : Text{"The payment was not completed.", "O pagamento não foi concluído."};
  Text const advice{" Choose another way to pay.", " Escolha outra forma de pagar."};
  return "<p class=\"fault\" role=\"alert\">" + escape_html(reason.in(language) + advice.in(language)) + "</p>\n";
}

json::Object const* action_of(Object const& intent) {
  auto const& action = intent.resource.at("next_action");
  return intent.text("status") == "requires_action" && action.is_object() ? &action.get_object() : nullptr;
}

http::Response pix_page(Object const& intent, json::Object const& details, std::string const& back, Language language) {
  auto const code = objects::text_of(details, "data");
  auto const html = amount_of(intent.number("amount"), intent.text("currency"), language) +
                    paragraph({"Scan the picture with your bank's app, or copy the code.",
                               "Aponte o aplicativo do seu banco para a imagem, ou copie o código."},
                              language) +
                    "<img src=\"/_sandbox/pix/" + escape_html(intent.id()) + ".svg\" alt=\"QR Code\">\n" +
                    "<textarea readonly rows=\"5\" aria-label=\"Pix copia e cola\">" + escape_html(code) +
                    "</textarea>\n" + paragraph(simulate, language) +
                    buttons("action",
                            {{"succeed", {"Simulate: paid", "Simular: pago"}},
                             {"expire", {"Simulate: expired", "Simular: expirado"}}},
                            language);
  return page(200, language, {"Pay with Pix", "Pague com Pix"}, html, {back});
}

http::Response boleto_page(Object const& intent, json::Object const& details, std::string const& back,
                           Language language) {
  auto const html =
      amount_of(intent.number("amount"), intent.text("currency"), language) +
      paragraph({"Pay the boleto with this number.", "Pague o boleto com este número."}, language) +
      "<textarea readonly rows=\"2\" aria-label=\"Boleto\">" + escape_html(objects::text_of(details, "number")) +
      "</textarea>\n" + paragraph(simulate, language) +
      buttons("action",
              {{"succeed", {"Simulate: paid", "Simular: pago"}}, {"expire", {"Simulate: expired", "Simular: vencido"}}},
              language) +
      link(back, back_to_shop, language);
  return page(200, language, {"Pay the boleto", "Pague o boleto"}, html, {back});
}

http::Response bank_page(Object const& intent, std::string const& back, Language language) {
  auto const html = amount_of(intent.number("amount"), intent.text("currency"), language) +
                    paragraph({"Your bank asks whether this payment is yours (3-D Secure).",
                               "O seu banco pergunta se este pagamento é seu (3-D Secure)."},
                              language) +
                    paragraph(simulate, language) +
                    buttons("action", {{"succeed", {"Approve", "Aprovar"}}, {"fail", {"Refuse", "Recusar"}}}, language);
  return page(200, language, {"Confirm with your bank", "Confirme com o seu banco"}, html, {back});
}

Text title_of(std::string_view status) {
  if (status == "succeeded") return {"Paid", "Pago"};
  if (status == "requires_capture") return {"Reserved", "Reservado"};
  if (status == "processing") return {"Paid; the bank passes it on", "Pago; o banco está repassando"};
  if (status == "canceled") return {"Canceled", "Cancelado"};
  return {"Not paid", "Não foi pago"};
}

}  // namespace

Language language_of(http::Request const& request, std::optional<Object> const& session) {
  auto const locale = session ? session->text("locale") : std::string();
  if (locale.starts_with("pt")) return Language::portuguese;
  return locale.starts_with("en") ? Language::english : request.language();
}

http::Response checkout_page(Object const& session, json::Array const& items, std::optional<Object> const& intent,
                             Language language) {
  auto const cancel = session.text("cancel_url");
  auto const html = why_it_failed(intent, language) +
                    amount_of(session.number("amount_total"), session.text("currency"), language) +
                    table_of(items, language) + ways_to_pay(session, language) + link(cancel, back_to_shop, language);
  return page(200, language, {"Checkout", "Pagamento"}, html, {checkout::success_url(session)});
}

http::Response finished_page(Object const& session, Language language) {
  if (session.text("status") == "expired") {
    return page(410, language, {"This checkout has expired", "Este pagamento expirou"},
                link(session.text("cancel_url"), back_to_shop, language));
  }
  bool const paid = session.text("payment_status") == "paid";
  return page(200, language, paid ? Text{"Paid", "Pago"} : Text{"This checkout is complete", "Pedido concluído"},
              amount_of(session.number("amount_total"), session.text("currency"), language) +
                  link(checkout::success_url(session), back_to_shop, language));
}

http::Response pay_page(Object const& intent, std::string const& back, Language language) {
  auto const* action = action_of(intent);
  auto const type = action ? objects::text_of(*action, "type") : std::string();
  if (type == "pix_display_qr_code") return pix_page(intent, action->at(type).as_object(), back, language);
  if (type == "boleto_display_details") return boleto_page(intent, action->at(type).as_object(), back, language);
  if (action) return bank_page(intent, back, language);
  return page(
      200, language, title_of(intent.text("status")),
      amount_of(intent.number("amount"), intent.text("currency"), language) + link(back, back_to_shop, language));
}

http::Response missing_page(Language language) {
  return page(404, language, {"There is nothing here", "Não há nada aqui"}, "");
}

}  // namespace balcao::sandbox::hosted
