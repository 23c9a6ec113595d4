#include "payments/clients/model.hpp"

namespace balcao::payments {

std::string_view to_string(Client::Status status) {
  switch (status) {
    case Client::Status::pending:
      return "pending";
    case Client::Status::active:
      return "active";
    case Client::Status::refused:
      break;
  }
  return "refused";
}

}  // namespace balcao::payments
