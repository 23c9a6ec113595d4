#include "auth/auth.hpp"
#include "auth/extract.hpp"
#include "auth/routes.hpp"
#include "platform/crypto/hash.hpp"
#include "platform/http/html.hpp"
#include "platform/json/describe.hpp"

namespace balcao::auth {

std::string_view embedded(std::string_view name);

namespace {

using http::Access;
using http::Body;
using http::Header;
using http::Method;
using http::Query;

struct SetupQuery {
  std::optional<std::string> token;
};
BOOST_DESCRIBE_STRUCT(SetupQuery, (), (token))

struct SetupRequest {
  std::string token;
  std::string username;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(SetupRequest, (), (token, username, password))

struct AdministratorView {
  Id<User> id;
  std::string username;
  std::string role;
};
BOOST_DESCRIBE_STRUCT(AdministratorView, (), (id, username, role))

Text const title{"The first administrator", "O primeiro administrador"};
Text const lead{"Whoever has this link may set up Balcão, once.",
                "Quem tem este link pode configurar o Balcão, uma vez."};
Text const over_title{"This link is over", "Este link não vale mais"};
Text const over_lead{
    "It was used, a day has passed, or there is an administrator already. Start the server anew to get another.",
    "Já foi usado, passou um dia, ou já existe um administrador. Reinicie o servidor para obter outro."};
Text const done_title{"Done", "Pronto"};
Text const username_label{"Username", "Nome de usuário"};
Text const password_label{"Password", "Senha"};
Text const button_label{"Make the administrator", "Criar o administrador"};

/// `content` is HTML, all else is text. The secret is in the page's address, so that must not be passed on.
http::Response page(int status, Language language, std::string_view heading, std::string_view explanation,
                    std::string_view content) {
  std::string html(embedded("setup.html"));
  auto const style = embedded("setup.css");
  http::fill(html, "{{lang}}", language == Language::portuguese ? "pt-BR" : "en");
  http::fill(html, "{{style}}", style);
  http::fill(html, "{{title}}", http::escape_html(heading));
  http::fill(html, "{{lead}}", http::escape_html(explanation));
  http::fill(html, "{{content}}", content);
  http::Response response{status, "text/html; charset=utf-8", {}, std::move(html)};
  response.header("Content-Security-Policy", "default-src 'none'; style-src 'sha256-" +
                                                 crypto::to_base64(crypto::sha256(style)) +
                                                 "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
  response.header("Referrer-Policy", "no-referrer");
  response.header("X-Content-Type-Options", "nosniff");
  response.header("Cache-Control", "no-store");
  return response;
}

std::string form(Language language, SetupRequest const& values, std::string_view fault) {
  auto const input = [&](std::string_view name, Text const& label, std::string_view attributes) {
    return "<label for=\"" + std::string(name) + "\">" + label.in(language) + "</label>\n<input id=\"" +
           std::string(name) + "\" name=\"" + std::string(name) + "\" required " + std::string(attributes) + ">\n";
  };
  std::string html;
  if (!fault.empty()) html += "<p class=\"fault\" role=\"alert\">" + http::escape_html(fault) + "</p>\n";
  html += "<form method=\"post\" action=\"/setup\">\n<input type=\"hidden\" name=\"token\" value=\"" +
          http::escape_html(values.token) + "\">\n";
  html += input("username", username_label,
                "autocomplete=\"username\" autocapitalize=\"none\" spellcheck=\"false\" autofocus value=\"" +
                    http::escape_html(values.username) + '"');
  html += input("password", password_label, "type=\"password\" autocomplete=\"new-password\"");
  return html + "<button>" + button_label.in(language) + "</button>\n</form>";
}

http::Response link_is_over(Language language) {
  return page(403, language, over_title.in(language), over_lead.in(language), "");
}

std::string sentence_of(Problem const& problem, Language language) {
  if (!problem.faults().empty()) return problem.faults().front().detail.in(language);
  auto const& detail = problem.detail().in(language);
  return detail.empty() ? std::string(problem.type().title(language)) : detail;
}

Task<http::Response> show(Service& auth, Query<SetupQuery> query, http::Asker asker) {
  auto const token = query.value.token.value_or("");
  if (!co_await auth.setup().is_open(token)) co_return link_is_over(asker.language);
  co_return page(200, asker.language, title.in(asker.language), lead.in(asker.language),
                 form(asker.language, {token, "", ""}, ""));
}

/// The rules of a form's field, whose faults the page shows.
template <class Rule>
Rule held_to_rule(std::string_view text, std::string pointer) {
  auto parsed = Rule::parse(text);
  if (parsed) return *std::move(parsed);
  throw Problem(balcao::problems::invalid_fields).with_faults({{std::move(pointer), parsed.error()}});
}

Task<User> make_administrator(Service& auth, SetupRequest request, Origin origin) {
  auto username = held_to_rule<Username>(request.username, "/username");
  auto password = held_to_rule<NewPassword>(request.password, "/password");
  co_return co_await auth.setup().use(std::move(request.token), std::move(username), std::move(password),
                                      std::move(origin));
}

Task<http::Response> use(Service& auth, Body<SetupRequest> body, Header<"Accept"> accept, http::Asker asker,
                         Origin origin) {
  auto const language = asker.language;
  bool const browser = accept.value && accept.value->contains("text/html");
  try {
    auto const user = co_await make_administrator(auth, body.value, std::move(origin));
    if (!browser) {
      co_return http::detail::json_response(
          201, AdministratorView{user.id, user.username, std::string(to_string(user.role))});
    }
    Text const done{user.username + " is the administrator and may log in now.",
                    user.username + " é o administrador e já pode entrar."};
    co_return page(201, language, done_title.in(language), done.in(language), "");
  } catch (Problem const& problem) {
    if (!browser) throw;
    if (problem.status() == 403) co_return link_is_over(language);
    co_return page(problem.status(), language, title.in(language), lead.in(language),
                   form(language, body.value, sentence_of(problem, language)));
  }
}

}  // namespace

http::Endpoints setup_endpoints(Service& auth) {
  auto const tag = "Administration";
  return {
      http::endpoint(
          Method::get, "/setup", Access::anyone,
          {tag, "setupPage", "The page for the first administrator; `token` is in the link that `serve` prints"}, auth,
          show),
      http::endpoint(
          Method::post, "/setup", Access::anyone,
          {tag, "setup", "Make the first administrator", {&balcao::problems::forbidden, &problems::username_taken}},
          auth, use),
  };
}

}  // namespace balcao::auth
