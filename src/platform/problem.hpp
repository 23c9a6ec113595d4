#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace balcao {

enum class Language { english, portuguese };

/// A sentence for people, in every language that Balcão speaks.
struct Text {
  std::string en;
  std::string pt;

  std::string const& in(Language language) const { return language == Language::portuguese ? pt : en; }
};

/// What can go wrong, as one constant per kind: `code` is what programs compare and never changes.
struct ProblemType {
  int status;
  std::string_view code;
  std::string_view title_en;
  std::string_view title_pt;

  std::string_view title(Language language) const { return language == Language::portuguese ? title_pt : title_en; }
};

/// One fault of the request; `pointer` is a JSON Pointer (RFC 6901) into the body, or `?name` for a query parameter.
struct FieldFault {
  std::string pointer;
  Text detail;
};

/// An expected failure (RFC 9457 problem details), thrown where its cause is known and turned into a response in one
/// place. What attackers reach (guard, limiter, parser, overload) returns a Problem instead of throwing it.
class Problem : public std::exception {
 public:
  explicit Problem(ProblemType const& type, Text detail = {}) : type_(&type), detail_(std::move(detail)) {}

  /// Adds a header that the answer must carry: `Allow`, `Retry-After`, `WWW-Authenticate`.
  Problem&& with_header(std::string name, std::string value) &&;
  Problem&& with_faults(std::vector<FieldFault> faults) &&;
  /// Adds a member of its own to the answer (RFC 9457 §3.2); the type's documentation says which there are.
  Problem&& with_member(std::string name, std::string value) &&;

  ProblemType const& type() const { return *type_; }
  int status() const { return type_->status; }
  Text const& detail() const { return detail_; }
  std::vector<FieldFault> const& faults() const { return faults_; }
  std::vector<std::pair<std::string, std::string>> const& headers() const { return headers_; }
  std::vector<std::pair<std::string, std::string>> const& members() const { return members_; }

  char const* what() const noexcept override { return type_->code.data(); }

 private:
  ProblemType const* type_;
  Text detail_;
  std::vector<FieldFault> faults_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::vector<std::pair<std::string, std::string>> members_;
};

/// Problem invalid_fields with one fault; `pointer` as in FieldFault.
Problem invalid_field(std::string pointer, Text detail);

/// The kinds that belong to no service.
namespace problems {

inline constexpr ProblemType bad_request{400, "bad_request", "The request is malformed",
                                         "A requisição está malformada"};
inline constexpr ProblemType invalid_json{400, "invalid_json", "The body is not valid JSON",
                                          "O corpo não é um JSON válido"};
inline constexpr ProblemType duplicate_member{400, "duplicate_member", "The body has the same member twice",
                                              "O corpo tem o mesmo membro duas vezes"};
inline constexpr ProblemType unauthorized{401, "unauthorized", "Authentication is required", "É preciso se autenticar"};
inline constexpr ProblemType forbidden{403, "forbidden", "This is not allowed", "Isto não é permitido"};
inline constexpr ProblemType insufficient_scope{403, "insufficient_scope", "The token's scope is not enough",
                                                "O escopo do token não basta"};
inline constexpr ProblemType not_found{404, "not_found", "There is nothing here", "Não há nada aqui"};
inline constexpr ProblemType method_not_allowed{405, "method_not_allowed", "The method is not allowed here",
                                                "O método não é permitido aqui"};
inline constexpr ProblemType request_timeout{408, "request_timeout", "The request took too long to arrive",
                                             "A requisição demorou demais para chegar"};
inline constexpr ProblemType precondition_failed{412, "precondition_failed", "The thing has changed meanwhile",
                                                 "O recurso mudou nesse meio-tempo"};
inline constexpr ProblemType payload_too_large{413, "payload_too_large", "The body is too large",
                                               "O corpo é grande demais"};
inline constexpr ProblemType uri_too_long{414, "uri_too_long", "The address is too long", "O endereço é longo demais"};
inline constexpr ProblemType unsupported_media_type{415, "unsupported_media_type", "The media type is not supported",
                                                    "O tipo de mídia não é aceito"};
inline constexpr ProblemType invalid_fields{422, "invalid_fields", "Some fields are not valid",
                                            "Alguns campos não são válidos"};
inline constexpr ProblemType too_many_requests{429, "too_many_requests", "Too many requests", "Requisições demais"};
inline constexpr ProblemType headers_too_large{431, "headers_too_large", "The header fields are too large",
                                               "Os cabeçalhos são grandes demais"};
inline constexpr ProblemType internal{500, "internal", "Something went wrong on our side",
                                      "Algo deu errado do nosso lado"};
inline constexpr ProblemType unavailable{503, "unavailable", "The service cannot answer right now",
                                         "O serviço não pode responder agora"};
inline constexpr ProblemType outcome_unknown{503, "outcome_unknown", "It may have been done, or not at all",
                                             "Pode ter sido feito, ou não"};

}  // namespace problems

/// 503 with `Retry-After`: a connection was lost while a write was under way. It is done, all of it, or not at all, and
/// whoever tries again must look first, or write something that is the same twice.
class UnknownOutcome : public Problem {
 public:
  /// `cause` is for the log alone.
  explicit UnknownOutcome(std::string cause);

  char const* what() const noexcept override { return cause_.c_str(); }

 private:
  std::string cause_;
};

/// 503 with `Retry-After`, for what is refused early because a queue is full or a deadline has passed.
Problem overloaded(std::string_view what_en, std::string_view what_pt);

}  // namespace balcao
