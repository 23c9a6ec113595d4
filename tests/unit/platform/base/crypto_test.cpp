#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>
#include <vector>

#include "platform/crypto/hash.hpp"
#include "platform/crypto/random.hpp"

namespace balcao::crypto {
namespace {

std::string hex(std::string_view text) { return from_hex(text).value(); }

TEST(Sha256, GivesTheDigestsOfFips180) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

struct HmacVector {
  std::string key;
  std::string data;
  std::string_view code;
};

TEST(HmacSha256, GivesTheCodesOfRfc4231) {
  std::vector<HmacVector> const vectors{
      {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
      {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
      {std::string(20, '\xaa'), std::string(50, '\xdd'),
       "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
      {hex("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
       "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
      {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
       "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
      {std::string(131, '\xaa'),
       "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
       "hashed "
       "before being used by the HMAC algorithm.",
       "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
  };
  for (auto const& [key, data, code] : vectors) EXPECT_EQ(to_hex(hmac_sha256(key, data)), code) << data;
}

TEST(HmacSha256, TakesAnEmptyKeyForAnEmptyKeyAndNotForTheOneBefore) {
  std::string_view const empty_code = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  hmac_sha256("a key", "some data");
  EXPECT_EQ(to_hex(hmac_sha256({}, {})), empty_code);
  EXPECT_EQ(to_hex(hmac_sha256("", "")), empty_code);
}

TEST(HkdfSha256, GivesTheKeyOfRfc5869WithoutSaltAndInfo) {
  EXPECT_EQ(to_hex(hkdf_sha256(std::string(22, '\x0b'), "", 42)),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(HkdfSha256, GivesOtherKeysForOtherPurposes) {
  std::string const key = hkdf_sha256("secret", "one purpose", 32);
  EXPECT_EQ(key.size(), 32U);
  EXPECT_NE(key, hkdf_sha256("secret", "another purpose", 32));
  EXPECT_EQ(key, hkdf_sha256("secret", "one purpose", 64).substr(0, 32));
}

TEST(HkdfSha256, RefusesToStretchBeyondItsLimit) {
  EXPECT_EQ(hkdf_sha256("secret", "", 8160).size(), 8160U);
  EXPECT_THROW(hkdf_sha256("secret", "", 8161), std::invalid_argument);
}

TEST(EqualInConstantTime, ComparesBytesAndLengths) {
  EXPECT_TRUE(equal_in_constant_time("", {}));
  EXPECT_TRUE(equal_in_constant_time("same", "same"));
  EXPECT_FALSE(equal_in_constant_time("same", "samf"));
  EXPECT_FALSE(equal_in_constant_time("same", "same longer"));
}

TEST(Hex, RoundTripsAndRefusesWhatIsNone) {
  EXPECT_EQ(to_hex(std::string("\x00\x7f\xff", 3)), "007fff");
  EXPECT_EQ(from_hex("00DEadff"), std::string("\x00\xde\xad\xff", 4));
  for (auto const* text : {"0", "0g", "0x", " 0", "00 "}) EXPECT_FALSE(from_hex(text)) << text;
}

TEST(Base32, GivesTheExamplesOfRfc4648WithoutTheirPadding) {
  std::vector<std::pair<std::string_view, std::string_view>> const examples{
      {"", ""},
      {"f", "MY"},
      {"fo", "MZXQ"},
      {"foo", "MZXW6"},
      {"foob", "MZXW6YQ"},
      {"fooba", "MZXW6YTB"},
      {"foobar", "MZXW6YTBOI"},
  };
  for (auto const& [bytes, text] : examples) {
    EXPECT_EQ(to_base32(bytes), text);
    EXPECT_EQ(from_base32(text), bytes);
  }
}

TEST(Base32, RefusesWhatIsNotTheOneEncoding) {
  for (auto const* text : {"M", "MZX", "MZXW6Y", "MZ", "MZXR", "MZXW7", "MZXW6YR", "my", "MY======", "M0", "M1", "M8",
                           "MZXW 6YQ", "MY\n"}) {
    EXPECT_FALSE(from_base32(text)) << text;
  }
}

TEST(Base64, GivesTheExamplesOfRfc4648) {
  std::vector<std::pair<std::string_view, std::string_view>> const examples{
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (auto const& [bytes, text] : examples) {
    EXPECT_EQ(to_base64(bytes), text);
    EXPECT_EQ(from_base64(text), bytes);
    auto const unpadded = text.substr(0, text.find('='));
    EXPECT_EQ(to_base64url(bytes), unpadded);
    EXPECT_EQ(from_base64url(unpadded), bytes);
  }
}

TEST(Base64, HasItsTwoAlphabets) {
  EXPECT_EQ(to_base64("\xfb\xff\xbf"), "+/+/");
  EXPECT_EQ(to_base64url("\xfb\xff\xbf"), "-_-_");
  EXPECT_FALSE(from_base64("-_-_"));
  EXPECT_FALSE(from_base64url("+/+/"));
}

TEST(Base64, RefusesWhatIsNotTheOneEncoding) {
  for (auto const* text :
       {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zm9v====", "Zh==", "Zm9=", "Zg==Zg==", "Zm 9", "Zm9v\n"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
  for (auto const* text : {"Z", "Zg==", "Zh", "Zm9", "Zm9vZ", "Zm9v ", "Zm9v\n", "Zm.v"}) {
    EXPECT_FALSE(from_base64url(text)) << text;
  }
}

TEST(Encodings, RoundTripEveryLength) {
  for (std::size_t size = 0; size < 100; ++size) {
    std::string const bytes = random_bytes(size);
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(from_base64url(to_base64url(bytes)), bytes);
    EXPECT_EQ(from_base32(to_base32(bytes)), bytes);
    EXPECT_EQ(from_hex(to_hex(bytes)), bytes);
  }
}

TEST(Random, FillsEverySizeWithOtherBytesEachTime) {
  for (std::size_t const size : {16, 63, 64, 65, 500, 3'000'000}) {
    std::string const bytes = random_bytes(size);
    EXPECT_EQ(bytes.size(), size);
    EXPECT_NE(bytes, random_bytes(size));
    EXPECT_NE(bytes.substr(size - 16), std::string(16, '\0'));
  }
  EXPECT_EQ(random_bytes(0), "");
}

TEST(Random, GivesNoTwoThreadsTheSame) {
  std::vector<std::vector<std::string>> tokens(4);
  {
    std::vector<std::jthread> threads;
    for (auto& list : tokens) {
      threads.emplace_back([&list] {
        for (int i = 0; i < 1000; ++i) list.push_back(random_token(16));
      });
    }
  }
  std::set<std::string> all;
  for (auto const& list : tokens) all.insert(list.begin(), list.end());
  EXPECT_EQ(all.size(), 4000U);
  EXPECT_EQ(all.begin()->size(), 22U);
}

TEST(Random, GivesAForkedChildOtherBytesThanItsParent) {
  random_bytes(16);  // leaves bytes in this thread's store
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  pid_t const child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto const bytes = random_bytes(16);
    _exit(write(pipe_ends[1], bytes.data(), bytes.size()) == 16 ? 0 : 1);
  }
  std::string const ours = random_bytes(16);
  std::string theirs(16, '\0');
  EXPECT_EQ(read(pipe_ends[0], theirs.data(), theirs.size()), 16);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_NE(ours, theirs);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

}  // namespace
}  // namespace balcao::crypto
