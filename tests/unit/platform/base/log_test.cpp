#include "platform/telemetry/log.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "platform/json/parse.hpp"
#include "platform/runtime/clock.hpp"
#include "platform/telemetry/background.hpp"
#include "platform/telemetry/output.hpp"

namespace balcao::log {
namespace {

/// What `log` writes to standard error.
template <class Log>
std::string captured(Log log) {
  testing::internal::CaptureStderr();
  log();
  return testing::internal::GetCapturedStderr();
}

std::string without_time(std::string const& line) { return line.substr(line.find(' ') + 1); }

json::Value parsed(std::string const& line) {
  EXPECT_TRUE(line.ends_with('\n'));
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  auto const document = json::parse(std::string_view(line).substr(0, line.size() - 1));
  EXPECT_TRUE(document) << line;
  return document.value_or(nullptr);
}

/// Text made to end, fake or garble a line: every control character, separators, quotes, direction marks, broken UTF-8.
std::vector<std::string> hostile_texts() {
  std::vector<std::string> texts{
      "a\nb",           "a\r\nb",
      "a\tb",           "a\"b",
      "a\\b",           "a\\",
      "\x1b[2Jcleared", "\xe2\x80\xa8",
      "\xe2\x80\xa9",   "\xc2\x85",
      "\xe2\x80\xae",   "\xff\xfe",
      "\xc3",           "\xed\xa0\x80",
      "\xc0\xaf",       "\xf4\x90\x80\x80",
      "x\xe2\x82",      "\xf8\x88\x80\x80\x80",
  };
  for (char c = 0; c < 0x20; ++c) texts.push_back(std::string("a") + c + "b");
  texts.push_back(
      "a\x7f"
      "b");
  return texts;
}

class Log : public testing::Test {
 protected:
  ~Log() override { configure(Level::info, Format::text); }
};

TEST_F(Log, WritesOneTextLineWithItsFields) {
  configure(Level::info, Format::text);
  auto const line = captured([] {
    info("server started",
         {{"port", 8080}, {"ready", true}, {"load", 0.5}, {"name", "balcao"}, {"note", "with space"}});
  });
  EXPECT_EQ(without_time(line), "info  server started port=8080 ready=true load=0.5 name=balcao note=\"with space\"\n");
  EXPECT_TRUE(parse_rfc3339(line.substr(0, line.find(' ')))) << line;
  EXPECT_EQ(line.find(' '), std::string_view("2026-11-24T05:47:27.123Z").size());
}

TEST_F(Log, WritesOneJsonObjectALine) {
  configure(Level::info, Format::json);
  auto const line =
      captured([] { warn("retry", {{"attempt", 2}, {"last", false}, {"after", 1.25}, {"why", "a \"quote\""}}); });
  auto const object = parsed(line).as_object();
  EXPECT_EQ(object.at("level").as_string(), "warn");
  EXPECT_EQ(object.at("event").as_string(), "retry");
  EXPECT_EQ(object.at("attempt").as_int64(), 2);
  EXPECT_EQ(object.at("last").as_bool(), false);
  EXPECT_EQ(object.at("after").as_double(), 1.25);
  EXPECT_EQ(object.at("why").as_string(), "a \"quote\"");
  EXPECT_TRUE(parse_rfc3339(object.at("time").as_string()));
}

TEST_F(Log, LeavesOutWhatIsBelowTheLevel) {
  configure(Level::warn, Format::text);
  EXPECT_FALSE(enabled(Level::info));
  EXPECT_TRUE(enabled(Level::warn));
  EXPECT_EQ(captured([] {
              debug("quiet");
              info("quiet");
            }),
            "");
  auto const lines = captured([] {
    warn("loud");
    error("louder");
  });
  EXPECT_EQ(std::ranges::count(lines, '\n'), 2);
}

TEST_F(Log, StaysOneTextLineWhateverItsValuesHold) {
  configure(Level::info, Format::text);
  for (auto const& text : hostile_texts()) {
    auto const line = captured([&] { info(text, {{"key", text}, {"last", 1}}); });
    EXPECT_TRUE(line.ends_with(" last=1\n"));
    auto const inside = line.substr(0, line.size() - 1);
    EXPECT_TRUE(std::ranges::none_of(inside, [](unsigned char c) { return c < 0x20 || c == 0x7f; })) << line;
    EXPECT_NE(inside.find(" key=\""), inside.npos) << line;
    for (auto const* separator : {"\xe2\x80\xa8", "\xe2\x80\xa9", "\xc2\x85", "\xe2\x80\xae"}) {
      EXPECT_EQ(inside.find(separator), inside.npos) << line;
    }
  }
}

TEST_F(Log, StaysValidJsonWhateverItsValuesHold) {
  configure(Level::info, Format::json);
  for (auto const& text : hostile_texts()) {
    auto const object = parsed(captured([&] { info(text, {{"key", text}}); })).as_object();
    EXPECT_FALSE(object.at("key").as_string().empty());
    EXPECT_EQ(object.at("key"), object.at("event"));
  }
}

TEST_F(Log, KeepsTextOfOtherLanguagesReadable) {
  configure(Level::info, Format::text);
  EXPECT_EQ(without_time(captured([] { info("balcão", {{"olá", "ação 日本 🙂"}, {"empty", ""}, {"equal", "a=b"}}); })),
            "info  balcão olá=\"ação 日本 🙂\" empty=\"\" equal=\"a=b\"\n");
}

TEST_F(Log, ReplacesBrokenUtf8ByteByByte) {
  configure(Level::info, Format::json);
  auto const object = parsed(captured([] { info("x", {{"key", "a\xff\xc3z"}}); })).as_object();
  EXPECT_EQ(object.at("key").as_string(), "a\xef\xbf\xbd\xef\xbf\xbdz");
}

TEST_F(Log, WritesNumbersThatJsonHasNoWordForAsNull) {
  configure(Level::info, Format::json);
  auto const line = captured([] {
    info("x", {{"nan", std::nan("")},
               {"inf", std::numeric_limits<double>::infinity()},
               {"least", std::numeric_limits<std::int64_t>::min()}});
  });
  auto const object = parsed(line).as_object();
  EXPECT_TRUE(object.at("nan").is_null());
  EXPECT_TRUE(object.at("inf").is_null());
  EXPECT_EQ(object.at("least").as_int64(), std::numeric_limits<std::int64_t>::min());
}

TEST_F(Log, KeepsLinesOfSeveralThreadsApart) {
  configure(Level::info, Format::json);
  auto const lines = captured([] {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([thread] {
        for (int i = 0; i < 100; ++i) info("tick", {{"thread", thread}, {"text", std::string(200, 'x')}});
      });
    }
  });
  std::size_t count = 0;
  for (std::size_t start = 0; start < lines.size(); ++count) {
    auto const end = lines.find('\n', start);
    ASSERT_NE(end, lines.npos);
    EXPECT_TRUE(json::parse(std::string_view(lines).substr(start, end - start)));
    start = end + 1;
  }
  EXPECT_EQ(count, 400U);
}

constexpr int many_lines = 30'000;  // some 5 MB

/// In a process of its own: logs to `log`, which nobody reads before `done` says that all is logged.
[[noreturn]] void log_to_a_blocked_pipe(int log, int done) {
  ::dup2(log, STDERR_FILENO);
  ::close(log);
  configure(Level::info, Format::json);
  write_in_background();
  for (int i = 0; i < many_lines; ++i) info("tick", {{"text", std::string(100, 'x')}});
  bool const said = ::write(done, "x", 1) == 1;
  output::flush(std::chrono::seconds(30));
  ::_exit(said ? 0 : 1);
}

TEST_F(Log, InTheBackgroundNeverWaitsForItsReaderAndTellsWhatWasDropped) {
  std::array<int, 2> log{};
  std::array<int, 2> done{};
  ASSERT_EQ(::pipe(log.data()), 0);
  ASSERT_EQ(::pipe(done.data()), 0);
  auto const child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) log_to_a_blocked_pipe(log[1], done[1]);
  ::close(log[1]);
  ::close(done[1]);
  std::array<char, 64 * 1024> bytes{};
  EXPECT_EQ(::read(done[0], bytes.data(), 1), 1) << "it has logged all, though nobody reads";
  std::string text;
  for (ssize_t count = 0; (count = ::read(log[0], bytes.data(), bytes.size())) > 0;) {
    text.append(bytes.data(), static_cast<std::size_t>(count));
  }
  int status = -1;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  for (int const end : {log[0], done[0]}) ::close(end);

  auto const last = parsed(text.substr(text.rfind('\n', text.size() - 2) + 1)).as_object();
  EXPECT_EQ(last.at("event").as_string(), "log_lines_dropped");
  EXPECT_EQ(last.at("level").as_string(), "warn");
  auto const written = std::ranges::count(text, '\n') - 1;
  EXPECT_EQ(last.at("count").as_int64() + written, many_lines);
  EXPECT_LT(text.size(), 1'200'000U);
}

}  // namespace
}  // namespace balcao::log
