#include "platform/crypto/common_password.hpp"

#include <zxcvbn.h>

#include <string>

namespace balcao::crypto {
namespace {

constexpr double bits_of_10000_guesses = 13.3;
constexpr std::size_t judged_bytes = 64;  // the estimate's cost grows faster than the length

}  // namespace

bool is_common_password(std::string_view password) {
  std::string const judged(password.substr(0, judged_bytes));
  return ZxcvbnMatch(judged.c_str(), nullptr, nullptr) < bits_of_10000_guesses;
}

}  // namespace balcao::crypto
