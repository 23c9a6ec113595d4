#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "auth/model.hpp"

namespace balcao::auth {

/// What an authenticator app is given, once: the secret in base32, and the address and picture that hold it.
struct Enrolment {
  std::string secret;
  std::string otpauth_uri;
  std::string qr_code;  ///< an SVG document
};

struct SecondFactorStatus {
  std::optional<Time> confirmed_at;  ///< none: a login asks for the password alone
  std::int64_t recovery_codes_left = 0;
};

/// What comes of a login whose password was right.
enum class SecondFactorOutcome : std::uint8_t {
  not_enrolled,  ///< the password is enough
  passed,
  required,  ///< no code came with it
  wrong,     ///< the code is wrong, or has been used
};

namespace problems {

inline constexpr ProblemType second_factor_required{
    401, "second_factor_required", "A code of the second factor is required", "É preciso um código do segundo fator"};
inline constexpr ProblemType second_factor_enrolled{409, "second_factor_enrolled", "There is a second factor already",
                                                    "Já existe um segundo fator"};

}  // namespace problems
}  // namespace balcao::auth
