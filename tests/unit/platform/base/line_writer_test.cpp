#include "platform/telemetry/line_writer.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace balcao::output {
namespace {

using namespace std::chrono_literals;

/// Far beyond what a step takes; nobody waits for it but where something is wrong.
constexpr auto deadline = 10s;

std::string notice_of(std::uint64_t dropped) { return "dropped " + std::to_string(dropped) + "\n"; }

/// A pipe whose reader reads when it is told to.
class Pipe {
 public:
  Pipe() {
    EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC), 0);
    EXPECT_EQ(::fcntl(ends_[0], F_SETFL, O_NONBLOCK), 0);
  }
  ~Pipe() {
    for (int const end : ends_) {
      if (end >= 0) ::close(end);
    }
  }
  int writer() const { return ends_[1]; }
  void leave() { ::close(std::exchange(ends_[0], -1)); }

  /// What is in it now.
  std::string read() const {
    std::string bytes(1 << 20, '\0');
    auto const count = ::read(ends_[0], bytes.data(), bytes.size());
    bytes.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    return bytes;
  }
  /// Reads until `last` has come.
  std::string read_until(std::string_view last) const {
    std::string text;
    for (auto const end = std::chrono::steady_clock::now() + deadline; std::chrono::steady_clock::now() < end;) {
      text += read();
      if (text.contains(last)) break;
      std::this_thread::sleep_for(1ms);
    }
    return text;
  }

 private:
  std::array<int, 2> ends_{};
};

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    auto const end = text.find('\n', start);
    lines.push_back(text.substr(start, end - start));
    start = end == text.npos ? text.size() : end + 1;
  }
  return lines;
}

std::string line(int number) { return "line " + std::to_string(number) + ' ' + std::string(90, 'x'); }

class LineWriterTest : public testing::Test {
 protected:
  void SetUp() override { std::signal(SIGPIPE, SIG_IGN); }
  void TearDown() override { std::signal(SIGPIPE, SIG_DFL); }

  Pipe pipe;
};

TEST_F(LineWriterTest, WritesLinesInOrder) {
  LineWriter writer(pipe.writer(), 1 << 20, notice_of);
  for (int i = 0; i < 100; ++i) writer.write(line(i) + '\n');
  EXPECT_TRUE(writer.flush(deadline));
  auto const lines = lines_of(pipe.read());
  ASSERT_EQ(lines.size(), 100U);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(lines[static_cast<std::size_t>(i)], line(i));
}

TEST_F(LineWriterTest, KeepsALineWholeThatIsLongerThanAPipeTakes) {
  LineWriter writer(pipe.writer(), 1 << 20, notice_of);
  auto const text = std::string(300'000, 'a') + '\n' + std::string(10, 'b') + "\nend\n";
  writer.write(text);
  EXPECT_EQ(pipe.read_until("end\n"), text);
}

TEST_F(LineWriterTest, NeverWaitsForAReaderAndTellsHowManyLinesItDropped) {
  constexpr int total = 50'000;  // 5 MB, of which the pipe takes 64 KiB and the writer 100,000 bytes
  LineWriter writer(pipe.writer(), 100'000, notice_of);
  for (int i = 0; i < total; ++i) writer.write(line(i) + '\n');
  EXPECT_FALSE(writer.flush(1ms));

  auto text = pipe.read_until("dropped");
  EXPECT_TRUE(writer.flush(deadline));
  writer.write("afterwards\n");
  text += pipe.read_until("afterwards\n");
  auto const lines = lines_of(text);
  auto const kept = static_cast<std::size_t>(
      std::ranges::count_if(lines, [](std::string const& one) { return one.starts_with("line "); }));
  ASSERT_EQ(lines.size(), kept + 2);
  for (std::size_t i = 0; i < kept; ++i) ASSERT_EQ(lines[i], line(static_cast<int>(i))) << "the first ones, in order";
  EXPECT_EQ(lines[kept], "dropped " + std::to_string(total - static_cast<int>(kept)));
  EXPECT_EQ(lines[kept + 1], "afterwards");
  EXPECT_GT(kept, 1000U);
  EXPECT_LT(kept * 100, 100'000U + 256 * 1024);
}

TEST_F(LineWriterTest, CountsLinesOfSeveralThreads) {
  LineWriter writer(pipe.writer(), 100'000, notice_of);
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&writer] {
        for (int i = 0; i < 5000; ++i) writer.write(line(i) + '\n');
      });
    }
  }
  std::uint64_t seen = 0;
  auto const text = pipe.read_until("dropped");
  ASSERT_TRUE(writer.flush(deadline));
  for (auto const& one : lines_of(text + pipe.read())) {
    seen += one.starts_with("dropped ") ? std::strtoull(one.c_str() + 8, nullptr, 10) : 1;
  }
  EXPECT_EQ(seen, 20'000U);
}

TEST_F(LineWriterTest, GoesOnWhenItsReaderIsGone) {
  LineWriter writer(pipe.writer(), 1000, notice_of);
  pipe.leave();
  for (int i = 0; i < 1000; ++i) writer.write(line(i) + '\n');
  EXPECT_TRUE(writer.flush(deadline)) << "nothing is left to be done";
}

TEST_F(LineWriterTest, TellsWhatItCouldNotWriteOnceItCanWriteAgain) {
  int const changing = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  LineWriter writer(changing, 1 << 20, notice_of);
  for (int i = 0; i < 3; ++i) {
    writer.write("lost\n");
    EXPECT_TRUE(writer.flush(deadline));
  }
  ::dup2(pipe.writer(), changing);
  writer.write("lost\n");
  EXPECT_TRUE(writer.flush(deadline));
  writer.write("kept\n");
  EXPECT_TRUE(writer.flush(deadline));
  EXPECT_EQ(pipe.read(), "dropped 4\nkept\n");
  ::close(changing);
}

}  // namespace
}  // namespace balcao::output
