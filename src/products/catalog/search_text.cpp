#include "products/catalog/search_text.hpp"

#include <algorithm>
#include <array>

namespace balcao::products {
namespace {

constexpr std::size_t longest_word = 40;
constexpr std::size_t most_words = 256;

// The letters of Latin without their accents, one after the other; a point where a letter is none of these.
constexpr std::string_view latin =
    "a a a a a a ae c e e e e i i i i d n o o o o o . o u u u u y th ss a a a a a a ae c e e e e i i i i d n o o o "
    "o o . o u u u u y th y a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g g g g g h h h h i i i "
    "i i i i i i i ij ij j j k k k l l l l l l l l l l n n n n n n n n n o o o o o o oe oe r r r r r r s s s s s s "
    "s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s b b . . . . . . . . . . . . . . . f f . . . . "
    ". . . . . . . . . o o . . . . . . . . . . . . . u u . . . . . . . . . . . . . . . . . . . dz dz dz lj lj lj "
    "nj nj nj a a i i o o u u u u u u u u u u . a a a a ae ae . . g g k k o o o o . . j dz dz dz g g . . n n a a "
    "ae ae o o a a a a e e e e i i i i o o o o r r r r u u u u s s t t . . h h . . . . . . a a e e o o o o o o o o "
    "y y . . . . . . . . . . . . . . . b . . . . . . . . . . . . ";
constexpr std::string_view latin_additional =
    "a a b b b b b b c c d d d d d d d d d d e e e e e e e e e e f f g g h h h h h h h h h h i i i i k k k k k k l "
    "l l l l l l l m m m m m m n n n n n n n n o o o o o o o o p p p p r r r r r r r r s s s s s s s s s s t t t t "
    "t t t t u u u u u u u u u u v v v v w w w w w w w w w w x x x x y y z z z z z z h t w y . s . . ss . a a a a "
    "a a a a a a a a a a a a a a a a a a a a e e e e e e e e e e e e e e e e i i i i o o o o o o o o o o o o o o o "
    "o o o o o o o o o u u u u u u u u u u u u u u y y y y y y y y . . . . . . ";

template <std::size_t Size>
constexpr std::array<std::string_view, Size> split(std::string_view letters) {
  std::array<std::string_view, Size> table;
  for (auto& letter : table) {
    letter = letters.substr(0, letters.find(' '));
    letters.remove_prefix(letter.size() + 1);
  }
  return table;
}

constexpr std::array latin_table = split<0x250 - 0xc0>(latin);
constexpr std::array latin_additional_table = split<0x1f00 - 0x1e00>(latin_additional);

constexpr bool within(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }

/// What is written on, in or between letters and is none: accents of their own, soft hyphens, joiners.
constexpr bool is_mark(char32_t c) {
  return within(c, 0x300, 0x36f) || c == 0xad || within(c, 0x200b, 0x200f) || within(c, 0x2060, 0x2064) ||
         within(c, 0xfe00, 0xfe0f) || c == 0xfeff;
}

/// Punctuation and pictures.
constexpr bool separates(char32_t c) {
  return c < '0' || within(c, ':', '`') || within(c, '{', 0xbf) || c == 0xd7 || c == 0xf7 || within(c, 0x2b0, 0x2ff) ||
         within(c, 0x2000, 0x2bff) || within(c, 0x3000, 0x303f) || within(c, 0xe000, 0xf8ff) ||
         within(c, 0xff00, 0xffef) || within(c, 0x1f000, 0x1faff);
}

/// Small letters for capital ones and plain letters for accented ones, in Greek and Cyrillic.
constexpr char32_t plain(char32_t c) {
  constexpr std::array<std::pair<char32_t, char32_t>, 18> accented{{{0x386, 0x3b1},
                                                                    {0x388, 0x3b5},
                                                                    {0x389, 0x3b7},
                                                                    {0x38a, 0x3b9},
                                                                    {0x38c, 0x3bf},
                                                                    {0x38e, 0x3c5},
                                                                    {0x38f, 0x3c9},
                                                                    {0x3ac, 0x3b1},
                                                                    {0x3ad, 0x3b5},
                                                                    {0x3ae, 0x3b7},
                                                                    {0x3af, 0x3b9},
                                                                    {0x3c2, 0x3c3},
                                                                    {0x3cc, 0x3bf},
                                                                    {0x3cd, 0x3c5},
                                                                    {0x3ce, 0x3c9},
                                                                    {0x439, 0x438},
                                                                    {0x451, 0x435},
                                                                    {0x457, 0x456}}};
  if (within(c, 0x391, 0x3a9) || within(c, 0x410, 0x42f)) c += 32;
  if (within(c, 0x400, 0x40f)) c += 80;
  auto const found = std::ranges::find(accented, c, &std::pair<char32_t, char32_t>::first);
  return found == accented.end() ? c : found->second;
}

void append_utf8(char32_t c, std::string& out) {
  auto const byte = [&out](char32_t bits) { out += static_cast<char>(bits); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xc0 | c >> 6), byte(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    byte(0xe0 | c >> 12), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f));
  } else {
    byte(0xf0 | c >> 18), byte(0x80 | (c >> 12 & 0x3f)), byte(0x80 | (c >> 6 & 0x3f)), byte(0x80 | (c & 0x3f));
  }
}

/// Takes the first code point off well-formed UTF-8.
char32_t next_of(std::string_view& text) {
  auto const first = static_cast<unsigned char>(text.front());
  std::size_t const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t c = size == 1 ? first : first & (0xff >> (size + 1));
  for (char const next : text.substr(1, size - 1)) c = c << 6 | (static_cast<unsigned char>(next) & 0x3f);
  text.remove_prefix(std::min(size, text.size()));
  return c;
}

/// The letters for one that is part of a word; nothing for one that stands between words.
std::string folded(char32_t c) {
  if (within(c, 0xff01, 0xff5e)) c -= 0xfee0;  // wide forms of ASCII
  if (within(c, 'A', 'Z')) c += 'a' - 'A';
  if (c == 0xaa) c = 'a';  // 1ª
  if (c == 0xba) c = 'o';  // nº
  if (separates(c)) return {};
  if (within(c, 0xc0, 0x24f) && latin_table[c - 0xc0] != ".") return std::string(latin_table[c - 0xc0]);
  if (within(c, 0x1e00, 0x1eff) && latin_additional_table[c - 0x1e00] != ".") {
    return std::string(latin_additional_table[c - 0x1e00]);
  }
  std::string letter;
  append_utf8(plain(c), letter);
  return letter;
}

/// Gathers words, each once.
class Words {
 public:
  void add(std::string_view text) {
    while (!text.empty()) {
      auto const c = next_of(text);
      if (is_mark(c)) continue;
      auto const letters = folded(c);
      if (letters.empty()) {
        end_word();
      } else if (!is_full_ && word_.size() + letters.size() <= longest_word) {
        word_ += letters;
      } else {
        is_full_ = true;
      }
    }
    end_word();
  }
  std::vector<std::string> take() { return std::move(words_); }

 private:
  void end_word() {
    is_full_ = false;
    if (word_.empty()) return;
    if (words_.size() < most_words && std::ranges::find(words_, word_) == words_.end()) words_.push_back(word_);
    word_.clear();
  }

  std::vector<std::string> words_;
  std::string word_;
  bool is_full_ = false;
};

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  Words words;
  words.add(text);
  return words.take();
}

std::string search_text_of(std::string_view name, std::string_view description) {
  Words words;
  words.add(name);
  words.add(description);
  std::string text;
  for (auto const& word : words.take()) {
    if (!text.empty()) text += ' ';
    text += word;
  }
  return text;
}

}  // namespace balcao::products
