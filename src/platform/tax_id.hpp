#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace balcao {

/// A Brazilian tax id with its check digits right, without the dots, slash and dash that it may have: a CPF of 11
/// digits, or a CNPJ of 14 digits or, as given out since 2026, 12 letters or digits and 2 digits
/// (https://www.gov.br/receitafederal, "CNPJ alfanumérico"; módulo 11). Nothing for anything else.
std::optional<std::string> read_tax_id(std::string_view text);

}  // namespace balcao
