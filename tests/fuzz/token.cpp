// A token that nobody with the key has signed is never good; one that is good is good to its last character.
#include <cstdint>
#include <cstdlib>

#include "platform/jwt/jwt.hpp"

namespace jwt = balcao::jwt;

namespace {

constexpr balcao::Time now{std::chrono::seconds(1'800'000'000)};

struct Fixture {
  jwt::Key secret = jwt::Key::hs256("a secret of at least thirty-two bytes");
  jwt::Key pair = jwt::Key::ed25519("kid-1", std::string(32, '\x07'));
  jwt::Key curve = jwt::Key::es256("kid-2", std::string(32, '\x07'));
  jwt::Verifier verifier{{secret, pair, curve}, {"balcao"}, "balcao"};
  std::string good = sign();

  std::string sign() const {
    jwt::Claims claims;
    claims.iss = claims.aud = claims.client_id = "balcao";
    claims.sub = claims.sid = claims.jti = "01890000-0000-7000-8000-000000000001";
    claims.role = "user";
    claims.iat = 1'799'999'999;
    claims.exp = 1'800'000'900;
    return jwt::Signer(secret).sign(claims);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static Fixture const fixture;
  std::string_view const text(reinterpret_cast<char const*>(data), size);
  if (fixture.verifier.verify(text, now) && text != fixture.good) std::abort();
  if (fixture.verifier.verify(text, now, jwt::Lifetime::ignored) && text != fixture.good) std::abort();

  // The same bytes as a signature of either kind of key.
  for (auto const& key : {fixture.pair, fixture.curve}) {
    if (key.verify("text", text)) std::abort();
  }

  // The same bytes as a change to a good token, at a place that they choose.
  if (size < 3) return 0;
  auto changed = fixture.good;
  auto const place = (std::size_t{data[0]} << 8 | data[1]) % changed.size();
  changed.replace(place, size - 2, text.substr(2));
  if (changed != fixture.good && fixture.verifier.verify(changed, now)) std::abort();
  return 0;
}
