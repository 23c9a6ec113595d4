#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace balcao::sandbox {

/// Whom the sandbox's Pix pays: the example key of the Banco Central's manual, which nobody owns.
inline constexpr std::string_view example_pix_key = "123e4567-e12b-12d1-a456-426655440000";

/// The text of a static Pix QR code, which is also its "copia e cola": a BR Code (Banco Central do Brasil, Manual de
/// Padrões para Iniciação do Pix, §1; EMV QRCPS Merchant-Presented Mode v1.1). `amount` is in centavos; with 0 the
/// payer chooses it. Of `txid` the letters and digits count, at most 25 (none: `***`); `merchant` is cut after 25 and
/// `city` after 15 characters, and what is not ASCII is left out of both. Throws std::invalid_argument for a negative
/// amount and for a key of more than 77 characters.
std::string br_code(std::string_view txid, std::int64_t amount, std::string_view merchant, std::string_view city,
                    std::string_view key = example_pix_key);

}  // namespace balcao::sandbox
