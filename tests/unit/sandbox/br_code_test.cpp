#include "sandbox/pix/br_code.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace balcao::sandbox {
namespace {

TEST(BrCode, is_the_example_of_the_banco_central) {
  EXPECT_EQ(br_code("***", 0, "Fulano de Tal", "BRASILIA"),
            "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal"
            "6008BRASILIA62070503***63041D3D");
}

// From the documentation of Stark Bank's API.
TEST(BrCode, is_what_a_bank_answers_for_the_same_payment) {
  EXPECT_EQ(br_code("123456", 100, "Jamie Lannister", "Sao Paulo", "+5541999999999"),
            "00020126360014br.gov.bcb.pix0114+554199999999952040000530398654041.005802BR5915Jamie Lannister"
            "6009Sao Paulo621005061234566304A63E");
}

TEST(BrCode, the_amount_is_in_reais_with_two_digits) {
  EXPECT_NE(br_code("a", 5, "A", "B").find("54040.05"), std::string::npos);
  EXPECT_NE(br_code("a", 123'456, "A", "B").find("54071234.56"), std::string::npos);
  EXPECT_THROW(br_code("a", -1, "A", "B"), std::invalid_argument);
}

TEST(BrCode, what_does_not_fit_is_cut) {
  EXPECT_NE(br_code("pi_3abc", 1, "A", "B").find("62100506pi3abc"), std::string::npos);
  EXPECT_NE(br_code(std::string(40, 'x'), 1, "A", "B").find("62290525" + std::string(25, 'x')), std::string::npos);
  auto const code = br_code("a", 1, std::string(30, 'M'), "S\xc3\xa3o Jos\xc3\xa9 do Rio Preto");
  EXPECT_NE(code.find("5925" + std::string(25, 'M') + "6015So Jos do Rio P62"), std::string::npos) << code;
  EXPECT_THROW(br_code("a", 1, "A", "B", std::string(78, 'k')), std::invalid_argument);
}

}  // namespace
}  // namespace balcao::sandbox
