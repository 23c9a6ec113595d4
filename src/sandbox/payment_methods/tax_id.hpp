#pragma once

#include <string_view>

namespace balcao::sandbox::payment_methods {

/// Whether a text is a CPF (11 digits) or a CNPJ (14 digits) with the right check digits, with or without its dots,
/// slash and dash. https://www.gov.br/receitafederal (módulo 11)
bool is_tax_id(std::string_view text);

}  // namespace balcao::sandbox::payment_methods
