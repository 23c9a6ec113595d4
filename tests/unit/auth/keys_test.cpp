#include "auth/keys/ring.hpp"

#include "auth_fixture.hpp"
#include "platform/crypto/hash.hpp"

namespace balcao::auth {
namespace {

using namespace std::chrono_literals;

std::string const first_encryption_key = "the first key-encryption key, 32 bytes";
std::string const second_encryption_key = "the second key-encryption key, 32 bytes";

class KeysTest : public test::AuthTest {
 protected:
  /// One process that runs Auth: what it has of the keys.
  struct Process {
    Process(KeysTest& test, KeySettings keys, std::string issuer)
        : settings{.issuer = std::move(issuer)}, ring({test.key_store, test.audit, test.clock}, settings, keys) {}

    Settings settings;
    KeyRing ring;
  };

  std::unique_ptr<Process> make(KeySettings keys = {}, std::string issuer = "http://one:8080") {
    return std::make_unique<Process>(*this, std::move(keys), std::move(issuer));
  }
  std::unique_ptr<Process> begin(KeySettings keys = {}, std::string issuer = "http://one:8080") {
    auto process = make(std::move(keys), std::move(issuer));
    run(process->ring.load());
    return process;
  }

  SigningKey rotate(Handover handover, KeySettings const& keys = {}) {
    KeyRotation rotation({key_store, audit, clock}, keys, settings.access_token_life);
    return run(rotation.rotate(handover, Actor::command_line()));
  }

  std::string token_of(Process const& process) {
    jwt::Claims claims;
    claims.iss = process.ring.issuer();
    claims.aud = settings.audience;
    claims.iat = std::chrono::floor<std::chrono::seconds>(clock.now().time_since_epoch()).count();
    claims.exp = claims.iat + settings.access_token_life.count();
    return process.ring.signer().sign(claims);
  }
  bool accepts(Process const& process, std::string const& token) {
    return process.ring.verifier().verify(token, clock.now()).has_value();
  }
  std::vector<std::string> published_by(Process const& process) {
    std::vector<std::string> kids;
    for (auto const& each : jwt::parse_jwk_set(process.ring.published()->keys)) kids.push_back(each.kid());
    return kids;
  }
  /// The kid of the key that signs.
  std::string signing(Process const& process) {
    auto const token = token_of(process);
    auto const header = crypto::from_base64url(std::string_view(token).substr(0, token.find('.'))).value();
    auto const begin = header.find(R"("kid":")") + 7;
    return header.substr(begin, header.find('"', begin) - begin);
  }
  void tidy(Process& process) {
    run(process.ring.tidy());
    run(process.ring.look());
  }
  std::vector<SigningKey> stored() { return run(key_store.read()).keys; }
};

TEST_F(KeysTest, AreMadeOnceAndKept) {
  auto const first = begin();
  auto const again = begin();
  EXPECT_EQ(published_by(*first).size(), 1U);
  EXPECT_EQ(published_by(*again), published_by(*first));
  EXPECT_TRUE(accepts(*again, token_of(*first))) << "the very first key signs at once";
}

TEST_F(KeysTest, OfManyProcessesAtOnceAreTheSame) {
  std::vector<std::unique_ptr<Process>> processes;
  std::vector<Task<>> all;
  for (int i = 0; i < 5; ++i) processes.push_back(make());
  for (auto& process : processes) all.push_back(process->ring.load());
  for (auto const& failure : run_together(std::move(all))) EXPECT_EQ(failure, nullptr);
  for (auto const& process : processes) EXPECT_EQ(published_by(*process), published_by(*processes.front()));
}

TEST_F(KeysTest, ASecretIsEnough) {
  auto const process = begin({.jwt_secret = "a secret of at least thirty-two bytes"});
  EXPECT_EQ(process->ring.published()->keys, R"({"keys":[]})");
  EXPECT_TRUE(accepts(*process, token_of(*process)));
  tidy(*process);
  EXPECT_TRUE(stored().empty());
}

TEST_F(KeysTest, OfEitherAlgorithmAreMadeAsTheSettingSays) {
  auto const process = begin({.algorithm = jwt::Key::Algorithm::es256});
  EXPECT_NE(process->ring.published()->keys.find("P-256"), std::string::npos);
  auto const older = token_of(*process);
  rotate(Handover::revoking, {.algorithm = jwt::Key::Algorithm::eddsa});
  run(process->ring.look());
  EXPECT_NE(process->ring.published()->keys.find("Ed25519"), std::string::npos);
  EXPECT_TRUE(accepts(*process, token_of(*process)));
  EXPECT_FALSE(accepts(*process, older));
}

TEST_F(KeysTest, ArePublishedBeforeTheySignAndAcceptedUntilTheirLastTokenHasExpired) {
  auto const process = begin();
  auto const other = begin({}, "http://two:8080");
  run(process->ring.look());
  auto const old_kid = signing(*process);
  auto const generation = other->ring.verifier().generation();

  auto const next = rotate(Handover::published);
  EXPECT_EQ(next.signs_from, clock.now() + key_set_max_age);
  run(process->ring.look());
  run(other->ring.look());
  EXPECT_EQ(published_by(*process), (std::vector<std::string>{old_kid, next.kid}));
  EXPECT_EQ(signing(*process), old_kid);

  clock.advance(key_set_max_age - 1us);
  run(process->ring.look());
  EXPECT_EQ(signing(*process), old_kid);
  clock.advance(1us);
  auto const last = token_of(*process);
  run(process->ring.look());
  EXPECT_EQ(signing(*process), next.kid);
  EXPECT_TRUE(accepts(*other, token_of(*process)));

  clock.advance(settings.access_token_life - 1s);
  tidy(*process);
  EXPECT_TRUE(accepts(*process, last)) << "to its last second";
  EXPECT_EQ(other->ring.verifier().generation(), generation) << "until now nothing has been taken away";
  clock.advance(61s - 1us);
  tidy(*process);
  EXPECT_EQ(published_by(*process).size(), 2U);
  clock.advance(1us);
  tidy(*process);
  EXPECT_EQ(published_by(*process), std::vector<std::string>{next.kid});
  run(other->ring.look());
  EXPECT_EQ(published_by(*other), std::vector<std::string>{next.kid});
  EXPECT_GT(other->ring.verifier().generation(), generation);
}

TEST_F(KeysTest, SignSoonWhereThatIsWanted) {
  auto const process = begin();
  auto const pending = rotate(Handover::published);
  auto const hasty = rotate(Handover::soon);
  EXPECT_EQ(hasty.signs_from, clock.now() + 3s);
  clock.advance(3s);
  run(process->ring.look());
  EXPECT_EQ(signing(*process), hasty.kid);
  clock.advance(key_set_max_age);
  run(process->ring.look());
  EXPECT_EQ(signing(*process), pending.kid) << "each has its turn";
}

TEST_F(KeysTest, ThatLeakedAreGoneAtOnce) {
  auto const process = begin();
  auto const pending = rotate(Handover::published);
  auto const token = token_of(*process);
  auto const next = rotate(Handover::revoking);
  run(process->ring.look());
  EXPECT_FALSE(accepts(*process, token));
  EXPECT_EQ(published_by(*process), std::vector<std::string>{next.kid});
  EXPECT_EQ(signing(*process), next.kid);
  EXPECT_TRUE(accepts(*process, token_of(*process)));
}

TEST_F(KeysTest, AreReplacedByAgeOnceHoweverManyProcessesSeeIt) {
  std::vector<std::unique_ptr<Process>> processes;
  for (int i = 0; i < 3; ++i) processes.push_back(begin({.rotation = std::chrono::days(90)}));
  clock.advance(std::chrono::days(90) - 1us);
  tidy(*processes.front());
  EXPECT_EQ(stored().size(), 1U);
  clock.advance(1us);
  std::vector<Task<>> all;
  for (auto& process : processes) all.push_back(process->ring.tidy());
  for (auto const& failure : run_together(std::move(all))) EXPECT_EQ(failure, nullptr);
  auto const keys = stored();
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys.back().signs_from, clock.now() + key_set_max_age);
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit WHERE event = 'keys_rotated'"), 1);
  tidy(*processes.front());
  EXPECT_EQ(stored().size(), 2U);
}

TEST_F(KeysTest, StayForEverWhereThatIsWanted) {
  auto const process = begin({.rotation = std::nullopt});
  clock.advance(std::chrono::days(4000));
  tidy(*process);
  EXPECT_EQ(stored().size(), 1U);
}

TEST_F(KeysTest, LeaveATraceWhenTheyAreReplaced) {
  begin();
  EXPECT_EQ(count("SELECT count(*) FROM auth.audit"), 0);
  auto const next = rotate(Handover::revoking);
  auto const entries = run(audit.list({.event = "keys_rotated"}, {}, 10));
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_EQ(entries.front().address, "command line");
  EXPECT_NE(entries.front().details.find(next.kid), std::string::npos);
  EXPECT_NE(entries.front().details.find(R"("revokes":true)"), std::string::npos);
}

TEST_F(KeysTest, ThatAreOlderThanSigningTimesSignFromTheirMaking) {
  auto const process = begin();
  db::Statement const forget{"forget", "UPDATE auth.signing_keys SET signs_from = NULL"};
  run(database->query(forget));
  run(process->ring.look());
  EXPECT_TRUE(accepts(*process, token_of(*process)));
  EXPECT_EQ(stored().front().signs_from, clock.now());
}

TEST_F(KeysTest, RestSealedOnceThereIsAKeyToSealThemWith) {
  auto const token = token_of(*begin());
  ASSERT_FALSE(stored().front().sealed);
  auto const plain = stored().front().private_key;

  auto const sealing = begin({.encryption_keys = {first_encryption_key}});
  EXPECT_TRUE(accepts(*sealing, token)) << "it is the same key";
  auto const sealed = stored().front();
  EXPECT_TRUE(sealed.sealed);
  EXPECT_EQ(sealed.private_key.find(plain), std::string::npos);
  rotate(Handover::soon, {.encryption_keys = {first_encryption_key}});
  EXPECT_TRUE(stored().back().sealed);

  begin({.encryption_keys = {second_encryption_key, first_encryption_key}});
  auto const resealed = begin({.encryption_keys = {second_encryption_key}});
  EXPECT_TRUE(accepts(*resealed, token)) << "the old key-encryption key is not needed any more";
  EXPECT_EQ(published_by(*resealed).size(), 2U);
}

TEST_F(KeysTest, ThatCannotBeOpenedKeepTheProcessFromStarting) {
  auto const token = token_of(*begin({.encryption_keys = {first_encryption_key}}));
  for (auto const& keys : {KeySettings{}, KeySettings{.encryption_keys = {second_encryption_key}}}) {
    auto const process = make(keys);
    EXPECT_THROW(run(process->ring.load()), SealedKey);
  }
  rotate(Handover::revoking, {.encryption_keys = {second_encryption_key}});
  auto const process = begin({.encryption_keys = {second_encryption_key}});
  EXPECT_FALSE(accepts(*process, token));
  EXPECT_TRUE(accepts(*process, token_of(*process)));
}

TEST_F(KeysTest, OfOneRowAreNotTakenForThoseOfAnother) {
  KeySettings const keys{.encryption_keys = {first_encryption_key}};
  begin(keys);
  db::Statement const rename{"rename", "UPDATE auth.signing_keys SET kid = 'another'"};
  run(database->query(rename));
  auto const process = make(keys);
  EXPECT_THROW(run(process->ring.load()), SealedKey);
}

TEST_F(KeysTest, ThatAProcessCannotOpenLaterLeaveItsOthersInUse) {
  auto const process = begin({.encryption_keys = {first_encryption_key}});
  auto const token = token_of(*process);
  rotate(Handover::soon, {.encryption_keys = {second_encryption_key}});
  clock.advance(1min);
  run(process->ring.look());
  EXPECT_TRUE(accepts(*process, token));
  EXPECT_TRUE(accepts(*process, token_of(*process)));
}

TEST_F(KeysTest, AcceptTokensOfEveryProcessUntilLongAfterItHasGone) {
  for (auto const& keys : {KeySettings{.jwt_secret = "a secret of at least thirty-two bytes"}, KeySettings{}}) {
    auto const one = begin(keys, "http://one:8080");
    auto const two = begin(keys, "http://two:8080");
    run(one->ring.look());
    EXPECT_TRUE(accepts(*one, token_of(*two)));
    EXPECT_TRUE(accepts(*two, token_of(*one)));
    EXPECT_FALSE(accepts(*one, token_of(*make({.jwt_secret = "a secret of at least thirty-two bytes"}, "http://x"))));

    clock.advance(settings.access_token_life + 5min);
    tidy(*one);
    EXPECT_TRUE(accepts(*one, token_of(*two))) << "its row is not older than that";
    clock.advance(1s);
    tidy(*one);
    EXPECT_FALSE(accepts(*one, token_of(*two)));
    EXPECT_TRUE(accepts(*one, token_of(*one)));
    tidy(*two);
    run(one->ring.look());
    EXPECT_TRUE(accepts(*one, token_of(*two))) << "it is there again";
  }
}

TEST_F(KeysTest, HaveAnotherDigestWhenWhatIsAcceptedIsAnother) {
  auto const process = begin();
  auto const digest = [&] { return contracts::digest_of(*process->ring.published()); };
  auto const first = digest();
  run(process->ring.look());
  EXPECT_EQ(digest(), first);
  rotate(Handover::published);
  run(process->ring.look());
  auto const second = digest();
  EXPECT_NE(second, first);
  begin({}, "http://two:8080");
  run(process->ring.look());
  EXPECT_NE(digest(), second);
}

TEST_F(KeysTest, AreFollowedUntilItStops) {
  auto const process = begin();
  auto const next = rotate(Handover::revoking);
  auto const stop_then = [](Process& that, std::string kid) -> Task<> {
    auto const failure = co_await test::failure_of(
        balcao::test::until([&] { return that.ring.published()->keys.find(kid) != std::string::npos; }));
    that.ring.stop();
    if (failure) std::rethrow_exception(failure);
  };
  std::vector<Task<>> both;
  both.push_back(process->ring.follow());
  both.push_back(stop_then(*process, next.kid));
  for (auto const& failure : run_together(std::move(both))) EXPECT_EQ(failure, nullptr);
}

}  // namespace
}  // namespace balcao::auth
