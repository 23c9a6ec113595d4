#include "platform/crypto/foreign_password.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace balcao::crypto::foreign_password {
namespace {

struct Vector {
  Scheme scheme;
  std::string password;
  std::string hash;
};

std::vector<Vector> const bcrypt_vectors{
    // crypt_blowfish's own, and one of Apache's htpasswd
    {Scheme::bcrypt, "U*U", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"},
    {Scheme::bcrypt, "U*U*", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"},
    {Scheme::bcrypt, "\xa3", "$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq"},
    {Scheme::bcrypt, "a", "$2b$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"},
    {Scheme::bcrypt, "segredo", "$2y$05$Xr.8wbKgdqNmjwNUbktbOuSYA78c.xjCzULx9oCUoWm1G/TRfzFS2"},
};

std::vector<Vector> const sha_crypt_vectors{
    // the examples of the specification (U. Drepper, SHA-crypt)
    {Scheme::sha_crypt, "Hello world!", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"},
    {Scheme::sha_crypt, "Hello world!", "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"},
    {Scheme::sha_crypt, "we have a short salt string but not a short password",
     "$5$rounds=77777$short$JiO1O3ZpDAxGJeaDIuqCoEFysAe1mZNJRs3pw0KQRd/"},
    {Scheme::sha_crypt, "Hello world!",
     "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"},
    {Scheme::sha_crypt, "Hello world!",
     "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/"
     "YTBmSK6H9qs/y3RnOaw5v."},
    {Scheme::sha_crypt, "a",
     "$6$$ek/ucQg0IM8SQLyD2D66mpoW0vAF26eA0/pqoN95V.F0nZh1IFuENNo0OikacRkDBk5frNqziMYMdVVrQ0o.51"},
};

std::vector<Vector> const scrypt_vectors{
    // RFC 7914 §12, and the same in the form of crypt(3)
    {Scheme::scrypt, "",
     "$scrypt$ln=4,r=1,p=1$$d9ZXYjhleyA7GcpCwYoEl/FrSETjB0ro39/6P+3iFEL80Aad7QlI+DJqdToPyB8X6NPg+y4NNijPNeIMONGJBg"},
    {Scheme::scrypt, "password",
     "$scrypt$ln=10,r=8,p=16$TmFDbA$"
     "/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA"},
    {Scheme::scrypt, "pleaseletmein",
     "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$"
     "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw"},
    {Scheme::scrypt, "pleaseletmein", "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D"},
};

std::vector<Vector> const pbkdf2_vectors{
    // RFC 6070, its like for SHA-256 and SHA-512, RFC 7914 §11, the documentation of passlib, the tests of Django
    {Scheme::pbkdf2, "password", "$pbkdf2$4096$c2FsdA$SwB5AbdlSJq.rUnZJvch0GWkKcE"},
    {Scheme::pbkdf2, "password", "$pbkdf2-sha1$i=4096,l=20$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE"},
    {Scheme::pbkdf2, "password", "$pbkdf2-sha256$i=4096$c2FsdA$xeR41ZKIyEGqUw22hFxMjZYok6ABzk4RpJY4c6qYE0o"},
    {Scheme::pbkdf2, "password",
     "$pbkdf2-sha512$4096$c2FsdA$"
     "0Zexsz2wFD4BixLz0dFHnmzevcyXxcD4f2kC4HL0V7UUPzBgJkGz1VzTNZiMs2uEN2Bg7NUy4Dm3QqI5Q0ry1Q"},
    {Scheme::pbkdf2, "passwd",
     "$pbkdf2-sha256$i=1,l=64$c2FsdA$"
     "VawEblbjCJ/sFpHCJUS2BflBhSFt3gRl5oudV8INrLxJypzM8Xm2RZkWZLOdd+8xfHG4RbHjC9UJESBB06GXgw"},
    {Scheme::pbkdf2, "password",
     "$pbkdf2-sha256$6400$.6UI/S.nXIk8jcbdHx3Fhg$98jZicV16ODfEsEZeYPGHU3kbrUrvUEXOPimVSQDD44"},
    {Scheme::pbkdf2, "lètmein", "pbkdf2_sha256$10000$seasalt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY="},
    {Scheme::pbkdf2, "lètmein", "pbkdf2_sha1$10000$seasalt$oAfF6vgs95ncksAhGXOWf4Okq7o="},
};

std::vector<Vector> const argon2_vectors{
    // of the reference implementation
    {Scheme::argon2, "password", "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY"},
    {Scheme::argon2, "password", "$argon2i$v=16$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY"},
    {Scheme::argon2, "password", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8"},
    {Scheme::argon2, "password", "$argon2d$v=19$m=256,t=2,p=1$c29tZXNhbHQ$JcTui6RIBUtJ78gE5Hi52CO+H5vS6Z9R1uxAB6OhUB8"},
    {Scheme::argon2, "password",
     "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$2gcOV25Q8vOKPIl8vdxsf7QCjocJcf+erntOGHkpXm4"},
    {Scheme::argon2, "password",
     "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
};

std::vector<Vector> all_vectors() {
  std::vector<Vector> all;
  for (auto const* list : {&bcrypt_vectors, &sha_crypt_vectors, &scrypt_vectors, &pbkdf2_vectors, &argon2_vectors}) {
    all.insert(all.end(), list->begin(), list->end());
  }
  return all;
}

TEST(ForeignPassword, FitsTheHashThatIsKnown) {
  for (auto const& [scheme, password, hash] : all_vectors()) {
    EXPECT_EQ(scheme_of(hash), scheme) << hash;
    EXPECT_TRUE(verify(password, hash)) << hash;
  }
}

TEST(ForeignPassword, FitsNeitherAnotherPasswordNorAnotherHash) {
  for (auto const& [scheme, password, hash] : all_vectors()) {
    EXPECT_FALSE(verify(password + "x", hash)) << hash;
    std::string changed = hash;
    char& within_the_digest = changed[changed.size() - 9];
    within_the_digest = within_the_digest == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verify(password, changed)) << changed;
  }
}

TEST(ForeignPassword, IsRefusedInEveryShorterAndLongerForm) {
  for (auto const& [scheme, password, hash] : all_vectors()) {
    std::size_t const digest = hash.rfind('$') + 1;
    for (std::size_t size = 0; size <= digest; ++size) EXPECT_FALSE(scheme_of(hash.substr(0, size))) << size;
    for (auto const* tail : {"$", "=", " ", "\n", "A===", "$A"}) EXPECT_FALSE(verify(password, hash + tail)) << tail;
    EXPECT_FALSE(verify(password, hash + std::string(1, '\0')));
    EXPECT_FALSE(verify(password, " " + hash));
  }
}

TEST(ForeignPasswordOfBcrypt, CountsItsFirst72BytesOnly) {
  std::string const first_72 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  auto const* const hash = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui";
  EXPECT_TRUE(verify(first_72, hash));
  EXPECT_TRUE(verify(first_72 + "chars after 72 are ignored", hash));
  EXPECT_FALSE(verify(first_72.substr(0, 71), hash));
}

TEST(ForeignPasswordOfBcrypt, FitsWhereTheSaltHasSpareBitsSet) {
  EXPECT_TRUE(verify("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGP3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"));
}

TEST(ForeignPasswordOfCrypt, IsNotCutAtANulNorAtTheLongestThatCryptTakes) {
  for (auto const& vectors : {bcrypt_vectors, sha_crypt_vectors}) {
    for (auto const& [scheme, password, hash] : vectors) {
      EXPECT_FALSE(verify(password + std::string(1, '\0'), hash)) << hash;
      EXPECT_FALSE(verify(password + std::string("\0more", 5), hash)) << hash;
      EXPECT_FALSE(verify(password + std::string(2000, 'x'), hash)) << hash;
    }
  }
}

TEST(ForeignPassword, IsNotCheckedAtAnyPrice) {
  std::string const bcrypt_tail = "$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe";
  std::string const sha256_tail = "$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA";
  std::string const crypt_tail = "SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D";
  std::string const phc_tail = "$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
  std::vector<std::pair<std::string, bool>> const hashes{
      {"$2b$04" + bcrypt_tail, true},
      {"$2b$15" + bcrypt_tail, true},
      {"$2b$16" + bcrypt_tail, false},
      {"$2b$31" + bcrypt_tail, false},
      {"$2b$03" + bcrypt_tail, false},
      {"$2b$00" + bcrypt_tail, false},
      {"$5$rounds=1000000" + sha256_tail, true},
      {"$5$rounds=1000001" + sha256_tail, false},
      {"$5$rounds=999999999" + sha256_tail, false},
      {"$5$rounds=999" + sha256_tail, false},
      {"$scrypt$ln=17,r=8,p=4" + phc_tail, true},
      {"$scrypt$ln=17,r=8,p=5" + phc_tail, false},
      {"$scrypt$ln=18,r=8,p=1" + phc_tail, true},
      {"$scrypt$ln=19,r=8,p=1" + phc_tail, false},
      {"$scrypt$ln=1,r=1,p=131072" + phc_tail, true},
      {"$scrypt$ln=1,r=1,p=131073" + phc_tail, false},
      {"$scrypt$ln=1,r=1,p=1073741823" + phc_tail, false},
      {"$scrypt$ln=1,r=1073741824,p=1" + phc_tail, false},
      {"$scrypt$ln=1,r=2097152,p=1073741824" + phc_tail, false},
      {"$scrypt$ln=4294967295,r=8,p=1" + phc_tail, false},
      {"$scrypt$ln=16,r=1,p=1" + phc_tail, false},
      {"$7$G6..../...." + crypt_tail, true},
      {"$7$H6..../...." + crypt_tail, false},
      {"$7$z6..../...." + crypt_tail, false},
      {"$7$C6...zzzzzz" + crypt_tail, false},
      {"$7$C6zzzzz...." + crypt_tail, false},
      {"$7$C........../" + crypt_tail, false},
      {"$pbkdf2-sha256$3000000" + phc_tail, true},
      {"$pbkdf2-sha256$i=3000001" + phc_tail, false},
      {"$pbkdf2$3000000" + phc_tail, false},
      {"pbkdf2_sha256$3000001$seasalt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY=", false},
      {"$argon2id$v=19$m=262144,t=4,p=1" + phc_tail, true},
      {"$argon2id$v=19$m=262144,t=5,p=1" + phc_tail, false},
      {"$argon2id$v=19$m=262145,t=1,p=1" + phc_tail, false},
  };
  for (auto const& [hash, is_known] : hashes) EXPECT_EQ(scheme_of(hash).has_value(), is_known) << hash;
}

TEST(ForeignPassword, FitsNoTextThatIsNoKnownHash) {
  std::vector<std::string> const texts{
      "",
      "$",
      "password",
      "*0",
      "!",
      "$1$saltstri$YMyguxXMBpd2TEZ.vS/3q1",
      "$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e",
      "$2a$5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
      "$2a$005$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
      "$2a$+5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
      "$2a$05$CCCCCCCCCCCCCCCCCCCC:.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
      "$5$rounds=010000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
      "$5$rounds=$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
      "$5$saltstringsaltstring$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
      "$scrypt$r=8,ln=14,p=1$TmFDbA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$scrypt$ln=14,r=8,p=1,x=1$TmFDbA$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$7$C6...:/....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D",
      "pbkdf2_md5$10000$seasalt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY=",
      "pbkdf2_sha256$-1$seasalt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY=",
      "pbkdf2_sha256$10000$$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY=",
      "pbkdf2_sha256$10000$seasalt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY",
      "$pbkdf2-sha256$i=4096,l=20$c2FsdA$xeR41ZKIyEGqUw22hFxMjZYok6ABzk4RpJY4c6qYE0o",
      "$pbkdf2-sha256$4096,l=32$c2FsdA$xeR41ZKIyEGqUw22hFxMjZYok6ABzk4RpJY4c6qYE0o",
      "$argon2$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
      "$argon2id$v=18$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
  };
  for (auto const& text : texts) {
    EXPECT_FALSE(scheme_of(text)) << text;
    EXPECT_FALSE(verify("password", text)) << text;
    EXPECT_FALSE(verify("", text)) << text;
  }
}

}  // namespace
}  // namespace balcao::crypto::foreign_password
