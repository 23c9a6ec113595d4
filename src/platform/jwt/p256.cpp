#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/param_build.h>

#include <stdexcept>

#include "platform/jwt/parts.hpp"

namespace balcao::jwt::p256 {
namespace {

template <auto free>
struct Free {
  template <class T>
  void operator()(T* object) const {
    free(object);
  }
};
template <class T, auto free>
using Owned = std::unique_ptr<T, Free<free>>;

using Number = Owned<BIGNUM, BN_clear_free>;
using Group = Owned<EC_GROUP, EC_GROUP_free>;
using Point = Owned<EC_POINT, EC_POINT_free>;
using Signature = Owned<ECDSA_SIG, ECDSA_SIG_free>;

/// The byte in front of an uncompressed point (SEC 1 §2.3.3).
constexpr char uncompressed = 4;

unsigned char const* as_bytes(std::string_view text) { return reinterpret_cast<unsigned char const*>(text.data()); }
unsigned char* as_bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

void require(bool done) {
  if (!done) throw std::runtime_error("jwt: P-256 failed");
}

Number to_number(std::string_view bytes) {
  Number number(BN_bin2bn(as_bytes(bytes), static_cast<int>(bytes.size()), nullptr));
  require(number != nullptr);
  return number;
}

/// A key of the point and, where there is one, the private number.
Pkey make(std::string_view point, BIGNUM const* d) {
  Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> const parts(OSSL_PARAM_BLD_new());
  require(parts && OSSL_PARAM_BLD_push_utf8_string(parts.get(), OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
          OSSL_PARAM_BLD_push_octet_string(parts.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) == 1 &&
          (!d || OSSL_PARAM_BLD_push_BN(parts.get(), OSSL_PKEY_PARAM_PRIV_KEY, d) == 1));
  Owned<OSSL_PARAM, OSSL_PARAM_free> const parameters(OSSL_PARAM_BLD_to_param(parts.get()));
  Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> const context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  require(parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1);
  EVP_PKEY* key = nullptr;
  int const selection = d ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
  if (EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) != 1) return nullptr;
  Pkey made(key);
  Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> const check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  require(check != nullptr);
  return EVP_PKEY_public_check(check.get()) == 1 ? std::move(made) : nullptr;
}

}  // namespace

Pkey from_private(std::string_view d) {
  auto const number = to_number(d);
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  Group const group(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1));
  require(group != nullptr);
  if (BN_is_zero(number.get()) || BN_cmp(number.get(), EC_GROUP_get0_order(group.get())) >= 0) return nullptr;
  Point const point(EC_POINT_new(group.get()));
  std::string encoded(1 + signature_size, '\0');
  require(point && EC_POINT_mul(group.get(), point.get(), number.get(), nullptr, nullptr, nullptr) == 1 &&
          EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED, as_bytes(encoded), encoded.size(),
                             nullptr) == encoded.size());
  return make(encoded, number.get());
}

Pkey from_point(std::string_view x, std::string_view y) {
  return make(std::string(1, uncompressed).append(x).append(y), nullptr);
}

std::string point_of(EVP_PKEY const* key) {
  std::string encoded(1 + signature_size, '\0');
  std::size_t size = 0;
  require(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, as_bytes(encoded), encoded.size(), &size) ==
              1 &&
          size == encoded.size() && encoded.front() == uncompressed);
  return encoded.substr(1);
}

std::string to_raw(std::string_view der) {
  auto const* bytes = as_bytes(der);
  Signature const signature(d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())));
  std::string raw(signature_size, '\0');
  auto* const begin = as_bytes(raw);
  int const size = coordinate_size;
  require(signature && BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), begin, size) == size &&
          BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), begin + coordinate_size, size) == size);
  return raw;
}

std::string to_der(std::string_view raw) {
  Signature const signature(ECDSA_SIG_new());
  auto r = to_number(raw.substr(0, coordinate_size));
  auto s = to_number(raw.substr(coordinate_size));
  require(signature != nullptr);
  // The numbers are the signature's from then on; it refuses none that is there.
  require(ECDSA_SIG_set0(signature.get(), r.release(), s.release()) == 1);
  unsigned char* encoded = nullptr;
  int const size = i2d_ECDSA_SIG(signature.get(), &encoded);
  require(size > 0);
  std::string der(reinterpret_cast<char const*>(encoded), static_cast<std::size_t>(size));
  OPENSSL_free(encoded);
  return der;
}

}  // namespace balcao::jwt::p256
