#include "platform/problem.hpp"

namespace balcao {

Problem&& Problem::with_header(std::string name, std::string value) && {
  headers_.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

Problem&& Problem::with_faults(std::vector<FieldFault> faults) && {
  faults_ = std::move(faults);
  return std::move(*this);
}

Problem&& Problem::with_member(std::string name, std::string value) && {
  members_.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

Problem invalid_field(std::string pointer, Text detail) {
  return Problem(problems::invalid_fields).with_faults({{std::move(pointer), std::move(detail)}});
}

Problem overloaded(std::string_view what_en, std::string_view what_pt) {
  return Problem(problems::unavailable, {std::string(what_en), std::string(what_pt)}).with_header("Retry-After", "1");
}

UnknownOutcome::UnknownOutcome(std::string cause)
    : Problem(Problem(problems::outcome_unknown, {"Look whether it has been done before you try again",
                                                  "Verifique se foi feito antes de tentar de novo"})
                  .with_header("Retry-After", "1")),
      cause_(std::move(cause)) {}

}  // namespace balcao
