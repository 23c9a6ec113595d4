#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What lets someone in who has lost his authenticator app: ten codes such as `k7qpd-2m9xw`, each good once.
namespace balcao::auth::recovery_codes {

/// Ten fresh codes as people see them: fifty random bits each.
std::vector<std::string> make();

/// The code as it is hashed: in lower case, without the hyphen and spaces; nothing for what cannot be one.
std::optional<std::string> parse(std::string_view typed);

/// What is stored of a code, 32 bytes: its HMAC-SHA256 under the TOTP secret that it stands in for. Fifty bits alone
/// could be searched through; where the secret is sealed, whoever reads the database cannot even begin.
std::string hash_of(std::string_view parsed, std::string_view totp_secret);

}  // namespace balcao::auth::recovery_codes
